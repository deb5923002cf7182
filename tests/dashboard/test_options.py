"""The options of the dashboard's process: from the command line, from config.toml, refused where they are wrong."""

from pathlib import Path

import pytest

from dashboard.__main__ import options
from dashboard.errors import OptionsError


def config(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    return ["--config", str(file)]


def test_without_words_it_serves_var_on_loopback() -> None:
    found = options([])
    assert (found.folder, found.host, found.port, found.language) == (Path("var"), "127.0.0.1", 8050, "cs")


def test_the_configuration_speaks_for_folder_port_and_language(tmp_path: Path) -> None:
    text = '[university]\nlanguage = "en"\n[storage]\nfolder = "data"\n[dashboard]\nport = 8060\nworkers = 1\n'
    found = options(config(tmp_path, text))
    assert (found.folder, found.port, found.workers, found.language) == (tmp_path / "data", 8060, 1, "en")


def test_the_command_line_stands_before_the_configuration(tmp_path: Path) -> None:
    assert options([*config(tmp_path, "[dashboard]\nport = 8060\n"), "--port", "8070"]).port == 8070


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[dashboard]\nprot = 1\n", "unknown key dashboard.prot; known: audit_days, auth, host"),
        ('[dashboard]\nhost = "0.0.0.0"\n', "may only listen on 127.0.0.1"),
        ("[dashboard", "can't be read"),
    ],
)
def test_a_wrong_configuration_is_refused_in_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(OptionsError, match=said):
        options(config(tmp_path, text))


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match=r"missing\.toml can't be read"):
        options(["--config", str(tmp_path / "missing.toml")])
