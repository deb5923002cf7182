"""python -m tests.e2e.axe_matrix: axe-core on every page at three widths, in both themes and languages."""

import argparse
import sys
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dashboard.pages import PAGES
from tests.e2e.live import chromium, served, settle
from tests.queries.synthetic import publish

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
WIDTHS, THEMES, LANGUAGES = (390, 1280, 1920), ("light", "dark"), ("cs", "en")


def violations(page: Any) -> list[tuple[str, str]]:
    """(rule, first element) of what axe finds on the page as it is, its first disclosures opened."""
    for summary in page.locator("main details:not([open]) > summary").all()[:2]:
        summary.click()
    page.evaluate(AXE)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [(v["id"], v["nodes"][0]["html"][:160]) for v in result["violations"]]


def main() -> int:
    """Prints every violation; 1 when there is any."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.axe_matrix", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of snapshots; default: a synthetic one")
    given = parser.parse_args()
    found = 0
    with TemporaryDirectory() as made:
        data = given.data or Path(made)
        if given.data is None:
            publish(data, persons=600)
        with served(data) as address, chromium() as browser:
            for width, theme, language in product(WIDTHS, THEMES, LANGUAGES):
                page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
                for shown in PAGES:
                    page.goto(f"{address}{shown.path}?lang={language}&theme={theme}")
                    settle(page)
                    for rule, element in violations(page):
                        found += 1
                        print(f"{shown.name} {width} {theme} {language}: {rule}: {element}", flush=True)
                page.context.close()
    print(f"{found} violations on {len(PAGES) * 12} pages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
