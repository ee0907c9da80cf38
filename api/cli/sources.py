"""The files of one import: read, recognised, and turned into observations of one run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from api.cli import output
from api.cli.words import say, wrong
from cmdb.errors import CMDBError, UnreadableInput
from cmdb.identity.observation import Observation
from cmdb.schema.model import Catalog
from discovery import readers

STDIN = "/dev/stdin"


class Files:
    """Files of one format, as one run: what stands in one may be named in another.

    Where there are several, the places in messages begin with the file's name.
    """

    def __init__(
        self,
        paths: list[str],
        form: str | None,
        catalog: Catalog,
        report: Callable[[str], None],
    ) -> None:
        self._paths = [STDIN if path == "-" else path for path in paths]
        self._catalog, self._report = catalog, report
        self._check_once()
        if form is not None:
            readers.reader(form, "--format")
        self._given = form
        self.encodings: dict[str, str] = {}
        """How the text of files is written, by path, where that was found out."""
        self.format, self._first = self._opened(self._paths[0])

    def _check_once(self) -> None:
        seen: dict[Path, str] = {}
        for path in self._paths:
            first = seen.setdefault(Path(path).resolve(), path)
            if first is not path:
                raise wrong(path, "it is the same file as '{first}'", first=first)

    def _opened(self, path: str) -> tuple[str, Any]:
        self._report(path)
        name, document = readers.opened(path, self._given, self._catalog)
        if encoding := getattr(document, "encoding", ""):
            self.encodings[path] = encoding
        return name, document

    def parts(self, together: bool) -> Iterator[Iterator[Observation | CMDBError]]:
        """What is to be one load: all files, or each alone where they are messages."""
        if together or not readers.are_messages(self.format):
            yield self._said(self._paths)
        else:
            yield from (self._said([path]) for path in self._paths)

    def _said(self, paths: list[str]) -> Iterator[Observation | CMDBError]:
        """What files say, and what is wrong in them."""
        for path in paths:
            if path is self._paths[0]:
                document, self._first = self._first, None
            else:
                found, document = self._opened(path)
                if found != self.format:
                    text = "it is of format {found}, the files before are {format}; import it alone"
                    raise wrong(path, text, found=found, format=self.format)
            yield from self._of(path, document)

    def _of(self, path: str, document: Any) -> Iterator[Observation | CMDBError]:
        try:
            for one in readers.reader(self.format)(document):
                yield _placed(one, path) if len(self._paths) > 1 else one
        except UnreadableInput as error:
            raise _placed_error(error, path) from None


def tell_encodings(encodings: Mapping[str, str]) -> None:
    """Say by which encoding each file was read, by path, unless it is the usual one."""
    for path, encoding in encodings.items():
        if encoding != "UTF-8":
            output.note(say("{path}: read as {encoding}", path=path, encoding=encoding))


def _placed(one: Observation | CMDBError, path: str) -> Observation | CMDBError:
    if isinstance(one, CMDBError):
        return _placed_error(one, path)
    return replace(one, place=f"{path}: {one.place}")


def _placed_error(error: CMDBError, path: str) -> CMDBError:
    for name in ("place", "first"):
        if name in error.fields:
            error.fields[name] = f"{path}: {error.fields[name]}"
    error.args = (error.template.format(**error.fields),)
    return error
