"""python -m tests.e2e.axe_matrix: axe-core on every page, My usage and the public one too, at three widths, in both
themes and languages."""

import argparse
import sys
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dashboard.pages import PAGES
from tests.e2e.live import HEADERS, chromium, served, served_to_a_person, settle
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
        (personal := Path(made) / "personal").mkdir()
        with served(data) as address, served_to_a_person(personal) as hers, chromium() as browser:
            shown = [address + page.path for page in PAGES] + [f"{hers}/me", f"{hers}/public"]
            for width, theme, language in product(WIDTHS, THEMES, LANGUAGES):
                page = browser.new_context(
                    viewport={"width": width, "height": 900}, color_scheme=theme, extra_http_headers=HEADERS
                ).new_page()
                found += sum(_looked_at(page, where, f"lang={language}&theme={theme}", width) for where in shown)
                page.context.close()
    print(f"{found} violations on {len(shown) * 12} pages")
    return 1 if found else 0


def _looked_at(page: Any, where: str, query: str, width: int) -> int:
    """Prints what axe finds at the address; gives the number."""
    page.goto(f"{where}?{query}")
    if not where.endswith("/public"):  # it has no scripts and no charts
        settle(page)
    found = violations(page)
    for rule, element in found:
        print(f"{where} {width} {query}: {rule}: {element}", flush=True)
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
