"""A signed sheet as a family sends it: the real page, on a table, taken askew by a telephone."""

from __future__ import annotations

import io
import random

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFilter

_TABLE = (118, 86, 60)


def photograph(pdf: bytes, page: int = 0) -> bytes:
    """A JPEG of that page with a signature in ink: turned by a few degrees, grained, with a telephone's EXIF."""
    sheet = pypdfium2.PdfDocument(pdf)[page].render(scale=1.6).to_pil().convert("RGB")
    width, height = sheet.size
    pen = ImageDraw.Draw(sheet)
    draw = random.Random(4)  # a scribble, not a secret
    points = [(width * 0.55 + 14 * i, height * 0.8 + draw.randint(-28, 28)) for i in range(16)]
    pen.line(points, fill=(22, 30, 110), width=4, joint="curve")
    table = Image.new("RGB", (width + 240, height + 240), _TABLE)
    table.paste(sheet, (120, 120))
    turned = table.rotate(2.4, resample=Image.Resampling.BICUBIC, fillcolor=_TABLE)
    grain = Image.effect_noise(turned.size, 26).convert("RGB")
    seen = Image.blend(turned, grain, 0.08).filter(ImageFilter.GaussianBlur(0.6))
    exif = Image.Exif()
    exif[0x0110] = "Telephone"  # the model, which must not survive
    kept = io.BytesIO()
    seen.save(kept, "JPEG", quality=82, exif=exif)
    return kept.getvalue()
