"""The map alone, in a real browser: what a frame that changes, or places at one spot, must not break."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

STATIC = Path(__file__).parents[2] / "app" / "static"
HERE = {"lat": 50.42, "lng": 2.95, "title": "Ressourcerie"}
HOME = {"lat": 50.42, "lng": 2.95, "title": "Chez toi", "home": True}
FAR = {"lat": 50.36, "lng": 3.02, "title": "Ferme"}


def page_of(places: list[dict[str, object]], tiles: str) -> str:
    leaflet, styles = (
        (STATIC / "vendor" / "leaflet" / name).read_text(encoding="utf-8") for name in ("leaflet.js", "leaflet.css")
    )
    script = (STATIC / "js" / "map.js").read_text(encoding="utf-8")
    return f"""<!doctype html>
        <style>{styles} .m {{ height: 300px }} @media print {{ section {{ display: none }} }}</style>
        <section data-map-frame hidden><div class="m" data-map data-markers="m" data-tiles="{tiles}"></div></section>
        <script type="application/json" id="m">{json.dumps(places)}</script>
        <script>{leaflet}</script><script type="module">{script}</script>"""


@pytest.mark.parametrize("tiles", ["", "http://127.0.0.1:9/{z}/{x}/{y}.png"], ids=["no tiles", "tiles"])
@pytest.mark.parametrize("places", [[HERE, HOME], [HERE, FAR], [HERE]], ids=["one spot", "two", "one"])
def test_a_map_stands_whatever_its_frame_does(browser: Browser, places: list[dict[str, object]], tiles: str) -> None:
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_content(page_of(places, tiles))
    page.emulate_media(media="print")
    page.screenshot(full_page=True)
    page.emulate_media(media="screen")
    for width in (300, 700, 390):
        page.set_viewport_size({"width": width, "height": 500})
        page.screenshot(full_page=True)
    assert page.locator(".pin").count() == len(places)
    context.close()
    assert not complaints
