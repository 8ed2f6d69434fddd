// Leaflet on <div data-map>. Places at the same spot share one pin; every pin leads to the offers of the list.
/* global L */

const PADDING = 40;
const ZOOM_ALONE = 13;
const NEAREST = 18; // without it, two places at the same spot on a map without tiles would ask for an infinite zoom

function icon(place, pictograms) {
  const name = String(place.pictogram || (place.home ? "maison" : "repere")).replace("picto-", "");
  const svg = `<svg class="picto" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><use href="${pictograms}#picto-${encodeURIComponent(name)}"></use></svg>`;
  return L.divIcon({ className: place.home ? "pin pin--home" : "pin", html: svg, iconSize: [44, 44], iconAnchor: [22, 40] });
}

function words(places) {
  const content = document.createElement("div");
  for (const place of places) {
    const line = document.createElement("p");
    const title = document.createElement(place.url ? "a" : "strong");
    title.textContent = place.title;
    if (place.url) title.href = place.url;
    line.append(title);
    if (place.meta) line.append(document.createElement("br"), place.meta);
    content.append(line);
  }
  return content;
}

function bySpot(places) {
  const spots = new Map();
  for (const place of places) {
    const key = `${place.lat.toFixed(4)},${place.lng.toFixed(4)},${place.home ? "home" : ""}`;
    spots.set(key, [...(spots.get(key) ?? []), place]);
  }
  return [...spots.values()];
}

/* Leaflet computes NaN when the frame is smaller than its padding: hidden, printing, or not yet laid out. */
function fitOnceLaidOut(map, bounds) {
  const observer = new ResizeObserver(() => {
    map.invalidateSize();
    const { x, y } = map.getSize();
    if (Math.min(x, y) <= 2 * PADDING) return;
    observer.disconnect();
    map.fitBounds(bounds, { padding: [PADDING, PADDING], animate: false });
  });
  observer.observe(map.getContainer());
}

function start(element) {
  const places = JSON.parse(document.getElementById(element.dataset.markers).textContent);
  if (!places.length) return;
  element.closest("[data-map-frame]").hidden = false;
  const map = L.map(element, { zoomControl: false, scrollWheelZoom: false, maxZoom: NEAREST });
  map.attributionControl.setPrefix("Leaflet");
  L.control.zoom({ zoomInTitle: element.dataset.zoomIn, zoomOutTitle: element.dataset.zoomOut }).addTo(map);
  if (element.dataset.tiles) {
    L.tileLayer(element.dataset.tiles, { attribution: element.dataset.attribution, maxZoom: NEAREST }).addTo(map);
  }
  const bounds = L.latLngBounds(places.map((place) => [place.lat, place.lng]));
  map.setView(bounds.getCenter(), ZOOM_ALONE);
  if (places.length > 1) fitOnceLaidOut(map, bounds);
  for (const spot of bySpot(places)) {
    const [first] = spot;
    const marker = L.marker([first.lat, first.lng], { icon: icon(first, element.dataset.pictograms) });
    marker.bindPopup(() => words(spot), { maxWidth: 260, closeButton: true }).addTo(map);
    marker.getElement().setAttribute("aria-label", spot.map((place) => place.title).join(", "));
  }
}

document.querySelectorAll("[data-map]").forEach(start);
