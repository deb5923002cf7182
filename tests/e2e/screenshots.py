"""python -m tests.e2e.screenshots --folder screenshots: every page at three widths, light and dark, cs and en."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from dashboard.pages import PAGES
from tests.e2e.live import chromium, served, settle
from tests.queries.synthetic import publish

LOOKS = (
    (1280, "light", "cs"),
    (1280, "dark", "en"),
    (390, "light", "cs"),
    (390, "dark", "en"),
    (1920, "dark", "cs"),
    (1920, "light", "en"),
)


def main() -> None:
    """Writes the pictures and says where."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.screenshots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("screenshots"))
    parser.add_argument("--data", type=Path, help="folder of snapshots; default: a synthetic one")
    parser.add_argument("--pages", nargs="*", default=[p.name for p in PAGES])
    parser.add_argument("--widths", nargs="*", type=int, default=[390, 1280, 1920])
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as made:
        data = given.data or Path(made)
        if given.data is None:
            publish(data, persons=3000)
        with served(data) as address, chromium() as browser:
            for width, theme, language in (look for look in LOOKS if look[0] in given.widths):
                context = browser.new_context(
                    viewport={"width": width, "height": 900}, color_scheme=theme, locale=language
                )
                page = context.new_page()
                for shown in (p for p in PAGES if p.name in given.pages):
                    page.goto(f"{address}{shown.path}?lang={language}")
                    settle(page)
                    file = given.folder / f"{shown.name}_{width}_{theme}_{language}.png"
                    page.screenshot(path=file, full_page=True)
                    print(file)
                context.close()


if __name__ == "__main__":
    main()
