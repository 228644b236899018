"""Where a secret may be kept: found there, or told what is missing, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import secrets
from bot.errors import WorkFailed


def test_a_value_stands_for_itself(tmp_path: Path) -> None:
    """An address has a scheme of its own."""
    for written in ("ntfy://topic", "https://hooks.example/env:NAME", "environment"):
        assert secrets.resolve(written, tmp_path) == written
        assert secrets.refusal(written) is None


def test_a_value_is_found_where_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a variable, in a file beside the configuration or anywhere, or handed over by systemd."""
    (tmp_path / "hook.key").write_text("one\n", encoding="utf-8-sig")
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "leadwright.hook").write_text("two")
    monkeypatch.setenv("HOOK_KEY", " three ")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "given"))
    assert secrets.resolve("file:hook.key", tmp_path) == "one"
    assert secrets.resolve(f"file:{tmp_path}/hook.key", Path("/elsewhere")) == "one"
    assert secrets.resolve("credential:leadwright.hook", tmp_path) == "two"
    assert secrets.resolve("env:HOOK_KEY", tmp_path) == "three"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("env:NOBODY_SET_THIS", "not set"),
        ("file:missing.key", "No such file"),
        ("file:two.lines", "on one line"),
        ("file:empty", "on one line"),
        ("file:pictures", "no text"),
        ("file:large", "on one line"),
        ("credential:hook", "LoadCredential=hook"),
    ],
)
def test_what_is_missing_is_told_with_its_place(
    written: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How it was written and what to do; nothing of what was found."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    (tmp_path / "two.lines").write_text("hidden\nhidden")
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "pictures").write_bytes(b"hidden\xff\xfe")
    (tmp_path / "large").write_text("hidden" * 20_000)
    with pytest.raises(WorkFailed, match=told) as error:
        secrets.resolve(written, tmp_path)
    assert written in str(error.value)
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize("written", ["env:MY NAME", "env:1ST", "credential:../key", "file:a\nb"])
def test_a_place_that_cannot_be_one_is_refused(written: str) -> None:
    """A name that leads out of the credentials' folder, for one."""
    assert secrets.refusal(written) is not None
