"""What Meta, the people and the desk do in the state machine, and what we expect of our rows.

Nothing of the engine is used here: a prediction made of the same code would prove nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

# A report is never contradicted by a lesser one; what a worker hears late counts like that, too.
RANK = {"accepted": 1, "sent": 2, "failed": 3, "delivered": 4}
TAKEN = {"accepted", "sent", "delivered"}
FINAL = {"failed", "skipped", "unknown", *TAKEN}


@dataclass
class Post:
    """One attempt, as Meta knows it."""

    person: "Person"
    armed: object  # what the engine gave to whom it let send
    at: datetime
    was_taken: bool
    reported: set = field(default_factory=set)  # words that came by webhook
    overtaken_at: datetime | None = None  # when something that was armed later was reported


@dataclass
class Person:
    """One delivery, as it should be."""

    pk: int
    subscriber: UUID
    state: str = "queued"
    posts: list[Post] = field(default_factory=list)
    second_attempts: int = 0  # because of a doubt
    copies_wanted: int = 1  # one, and one for each time that a human wanted another

    def arm(self, armed, *, now, was_taken):
        self.state = "armed"
        self.posts.append(Post(self, armed, now, was_taken))
        return self.posts[-1]

    def answered(self, post, kind):
        """A worker heard an answer to this attempt, perhaps long after it was given up."""
        is_newest = post is self.posts[-1]
        if kind == "accepted":
            self._reach("accepted")
        elif is_newest and kind == "not sent" and self.state in ("armed", "in_doubt"):
            self.state = "queued"
        elif is_newest and kind == "refused" and self.state not in ("queued", "skipped"):
            self._reach("failed")
        elif is_newest and kind == "nothing" and self.state == "armed":
            self.state = "in_doubt"

    def reported(self, post, word):
        """WhatsApp said something about this attempt."""
        post.reported.add(word)
        if word != "failed":
            self._reach(word)
        elif post is self.posts[-1] and self.state not in ("queued", "skipped"):
            self._reach("failed")

    def _reach(self, state):
        if RANK.get(self.state, 0) < RANK[state]:
            self.state = state

    def send_again(self):
        """A doubt is to be sent once more, by whomever."""
        self.state = "queued"
        self.second_attempts += 1

    @property
    def copies(self):
        """How many they got."""
        return sum(post.was_taken for post in self.posts)

    @property
    def is_owed_a_report(self):
        """Whether something that they got has not been reported."""
        return any(post.was_taken and not post.reported for post in self.posts)


@dataclass
class Worker:
    """Somebody who holds a batch until `lease`, and what it has put on the wire."""

    batch: object
    lease: datetime
    posts: list[Post] = field(default_factory=list)
    is_there: bool = True

    def is_relieved(self):
        """Its lease is over: nobody will ever know what became of what it had armed."""
        self.is_there = False
        for post in self.posts:
            if post is post.person.posts[-1] and post.person.state == "armed":
                post.person.state = "in_doubt"


@dataclass
class Desk:
    """The broadcast, as it should be: where it stands, and which verbs are possible there."""

    state: str = "draft"

    def allows(self, verb):
        return self.state in MOVES[verb][0]

    def do(self, verb):
        self.state = MOVES[verb][1]

    def tick(self, people):
        """What a tick makes of it and of its rows."""
        if self.state == "cancelled":
            for person in people:
                person.state = "skipped" if person.state == "queued" else person.state
        states = {person.state for person in people}
        if self.state == "pausing" and "armed" not in states:
            self.state = "paused"
        if self.state in ("sending", "paused") and states <= FINAL:
            self.state = "done"


MOVES = {
    "submit": ({"draft"}, "in_review"),
    "approve": ({"in_review"}, "scheduled"),
    "start": ({"scheduled"}, "sending"),
    "pause": ({"sending"}, "pausing"),
    "resume": ({"pausing", "paused"}, "sending"),
    "cancel": (
        {"draft", "in_review", "scheduled", "sending", "pausing", "paused"},
        "cancelled",
    ),
}
