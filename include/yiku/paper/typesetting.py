"""Facts and a page description in, a PDF out; the same facts give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import typst

from yiku.faults import StepError

_PAGES = Path(str(resources.files("yiku.paper")))
# Families that know all characters of a name, best first. page.typ names them in this order.
CHINESE_FONTS = (
    "Noto Serif CJK SC",
    "Noto Sans CJK SC",
    "Source Han Serif SC",
    "Source Han Sans SC",
    "SimSun",
    "SimHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
)


class FontsMissingError(StepError):
    """No Chinese font is installed; the message says which package brings one."""


class Typesetter:
    """Sets pages; fonts are looked for once.

    FontsMissingError where none of this machine's knows Chinese: every page would be of empty boxes.
    """

    def __init__(self, fonts: typst.Fonts | None = None) -> None:
        self._fonts = fonts or _fonts_here()
        if not set(CHINESE_FONTS) & set(self._fonts.families()):
            raise FontsMissingError(
                "没有中文字体，印不出字来：请安装 Debian 软件包 fonts-noto-cjk（或 fonts-wqy-zenhei），再运行一次。"
            )

    def pdf(self, page: str, facts: Mapping[str, Any]) -> bytes:
        """Set a page (``board``, ``board_list`` …) with its facts, and return the PDF."""
        # A new one each time: a compiler keeps what it has set, a gigabyte
        # after a county's villages.
        compiler = typst.Compiler(root=_PAGES, font_paths=self._fonts)
        told = json.dumps(facts, ensure_ascii=False)
        done = compiler.compile(
            input=_PAGES / f"{page}.typ",
            format="pdf",
            sys_inputs={"facts": told},
        )
        if not isinstance(done, bytes):
            raise StepError(f"{page}: no single PDF")
        return done


@cache
def _fonts_here() -> typst.Fonts:
    # Those that come with the type-setter know no Chinese.
    return typst.Fonts(include_embedded_fonts=False)
