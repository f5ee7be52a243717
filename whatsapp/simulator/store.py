"""The tables of the simulator. Every change is one line in the journal."""

from collections.abc import Iterator
from typing import Any, Generic, Protocol, TypeVar

from whatsapp.simulator.envelopes import Update
from whatsapp.simulator.journal import Entry, Journal, JournalDamagedError
from whatsapp.simulator.records import MediaFile, Message, Person, Template


class Row(Protocol):
    id: str


R = TypeVar("R", bound=Row)


class Table(Generic[R]):
    """Rows by id, in the order in which they came."""

    def __init__(self, *, kind: type[R], journal: Journal) -> None:
        self._kind = kind
        self._journal = journal
        self._rows: dict[str, R] = {}
        self.name = kind.__name__

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, row_id: str | None) -> R | None:
        return self._rows.get(row_id) if row_id else None

    def add(self, row: R) -> R:
        self._rows[row.id] = row
        self._journal.write({"table": self.name, "add": vars(row)})
        return row

    def change(self, row: R, **fields: object) -> None:
        if row.id not in self._rows:
            return  # forgotten by a reset, while somebody still had it in hand
        vars(row).update(fields)
        self._journal.write({"table": self.name, "id": row.id, "change": fields})

    def remove(self, row: R) -> None:
        if self._rows.pop(row.id, None):
            self._journal.write({"table": self.name, "remove": row.id})

    def entries(self) -> Iterator[Entry]:
        """Return what has to be written down so that the rows come back as they are."""
        return ({"table": self.name, "add": vars(row)} for row in self)

    def restore(self, entry: Entry) -> None:
        """Do again what `add`, `change` or `remove` once wrote down."""
        if "add" in entry:
            row = self._kind(**entry["add"])
            self._rows[row.id] = row
        elif "remove" in entry:
            del self._rows[entry["remove"]]
        else:
            vars(self._rows[entry["id"]]).update(entry["change"])

    def clear(self) -> None:
        self._rows.clear()


class Store:
    """All tables. Opening it brings back what the journal knows.

    Raises JournalDamagedError, and then the file is as it was.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.people = Table(kind=Person, journal=journal)
        self.messages = Table(kind=Message, journal=journal)
        self.templates = Table(kind=Template, journal=journal)
        self.media = Table(kind=MediaFile, journal=journal)
        self.updates = Table(kind=Update, journal=journal)  # that nobody has acknowledged
        self._tables: dict[str, Table[Any]] = {
            table.name: table
            for table in (self.people, self.messages, self.templates, self.media, self.updates)
        }
        try:
            for entry in journal.replay():
                self._restore(entry)
        except JournalDamagedError:
            journal.close()
            raise
        except (KeyError, TypeError) as error:
            journal.close()
            raise JournalDamagedError(f"not an entry of ours: {error}") from error
        # Otherwise each start would read all that ever happened.
        journal.rewrite(entry for table in self._tables.values() for entry in table.entries())

    def clear(self) -> None:
        """Forget everything."""
        self._journal.write({"clear": True})
        self._empty()

    def _restore(self, entry: Entry) -> None:
        if "clear" in entry:
            self._empty()
        else:
            self._tables[entry["table"]].restore(entry)

    def _empty(self) -> None:
        for table in self._tables.values():
            table.clear()
