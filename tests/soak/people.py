"""People who ask, bring files, cancel, delete, share and read, each in a workspace of their own and at random."""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from core.errors import BadInput, NotFound
from core.export.verify import verify
from core.keys import digest_of_bytes
from core.store import (
    Run,
    Upload,
    cancel_run,
    create_share,
    delete_run,
    delete_upload,
    get_run,
    list_runs,
    list_uploads,
    new_workspace,
    sign_workspace,
    submit,
    upload_source,
)
from tests.soak.installation import Installation
from tests.soak.ledger import Ledger, UploadEntry
from tests.soak.questions import MANY_STEPS, QUICK, SEEDS, Content, Question, any_content, content
from tests.soak.visitor import Away, Visitor, never_seen

ACTIVE = ("queued", "running")
MOST_ACTIVE = 6  # runs of one person: more would only wait


class Person:
    """One person; nobody else acts in the workspace.

    Attributes:
        workspace: theirs.
        visitor: their connection to the page server.
        links: tokens of the links that they gave out, each with the run that it shows.
    """

    def __init__(self, place: Installation, ledger: Ledger, seed: int, questions: tuple[Question, ...] = ()) -> None:
        self.place, self.ledger, self.store = place, ledger, place.store
        self.chance = random.Random(seed)
        self.questions = questions or QUICK + MANY_STEPS
        self.workspace = new_workspace(place.store)
        self.visitor = Visitor(place.server.port, sign_workspace(place.store, self.workspace))
        self.links: dict[str, str] = {}

    def live(self, ended: threading.Event, pause: float) -> None:
        """Acts until the event is set; what nobody expected is a fault of its own."""
        acts: dict[Callable[[], str], int] = {
            **{self.ask: 30, self.bring: 6, self.bring_slowly: 2, self.bring_half: 4, self.cancel: 6, self.delete: 8},
            **{self.delete_file: 2, self.share: 5, self.open_link: 5, self.download: 5, self.leave_a_download: 3},
            **{self.check_a_copy: 4, self.look: 8},
        }
        while not ended.wait(pause * self.chance.uniform(0.5, 1.5)):
            (act,) = self.chance.choices(list(acts), list(acts.values()))
            self.do(act)

    def do(self, act: Callable[[], str]) -> None:
        """One act, counted by how it ended."""
        name = act.__name__.replace("_", " ")
        try:
            self.ledger.count(name, act())
        except Away:
            self.ledger.count(name, "server away")
        except Exception as error:
            self.ledger.count(name, "ERROR")
            self.ledger.fault("error", f"{name}: {type(error).__name__}: {error}")

    # Asking ----------------------------------------------------------------------------------------------------------

    def ask(self) -> str:
        """A question with one of a few seeds, so that others may have asked it."""
        if sum(run.state in ACTIVE for run in list_runs(self.store, self.workspace)) >= MOST_ACTIVE:
            return "enough"
        question = self.chance.choice(self.questions)
        return self.ask_this(question, self.chance.randrange(SEEDS))

    def ask_this(self, question: Question, seed: int) -> str:
        source = None
        if question.kind:
            files = list_uploads(self.store, self.workspace, question.kind)
            if not files:
                return self.bring_this(content(question.kind, self.chance.randrange(3)))
            source = upload_source(self.chance.choice(files))
        self.ledger.note("ask", workspace=self.workspace, question=question.slug, seed=seed)
        try:
            params, inputs = question.with_seed(seed), question.inputs(source)
            run = submit(self.store, self.workspace, question.analysis, params, inputs)
        except BadInput as error:
            self.ledger.note("asked", refused=str(error))
            return "refused"
        self.ledger.note("asked", run=run.id, key=run.key)
        self.ledger.accept(run.id, self.workspace, run.key)
        return "answered at once" if run.state == "done" else "accepted"

    def cancel(self) -> str:
        run = self._one_of(lambda run: run.state in ACTIVE)
        if run is None:
            return "nothing there"
        self.ledger.note("cancel", run=run.id)
        cancel_run(self.store, self.workspace, run.id)
        return "done"

    def delete(self) -> str:
        run = self._one_of(lambda run: True)
        if run is None:
            return "nothing there"
        self._going([run.id])
        self.ledger.note("delete", run=run.id)
        delete_run(self.store, self.workspace, run.id)
        self._gone([run.id])
        return "done"

    # Files -----------------------------------------------------------------------------------------------------------

    def bring(self) -> str:
        return self.bring_this(any_content(self.chance))

    def bring_slowly(self) -> str:
        return self.bring_this(any_content(self.chance), slowly=True)

    def bring_this(self, sent: Content, slowly: bool = False) -> str:
        """A file by PUT. Where the server dies meanwhile, it is there whole afterwards, or not at all."""
        digest = digest_of_bytes(sent.bytes)
        entry = self.ledger.uploads.setdefault((self.workspace, digest), UploadEntry(self.workspace, digest, "gone"))
        before, entry.standing = entry.standing, "going"
        self.ledger.note("bring", workspace=self.workspace, digest=digest, name=sent.name)
        try:
            reply = (self.visitor.put_slowly if slowly else self.visitor.put)(sent)
        except Away:
            entry.standing = "there" if self._file(digest) else "going"  # its reading may still end well
            raise
        if reply.status_code == 200:
            entry.standing = "there"
            if reply.json()["digest"] != digest:
                self.ledger.fault("torn", f"{sent.name} was stored as {reply.json()['digest']}, not {digest}")
            return "accepted"
        self.ledger.note("brought", status=reply.status_code, says=reply.text[:300])
        entry.standing = before
        if reply.status_code >= 500:
            return f"answer {reply.status_code}"
        return "refused"

    def bring_half(self) -> str:
        """A file whose connection ends in the middle leaves nothing."""
        sent = never_seen(any_content(self.chance))
        digest = digest_of_bytes(sent.bytes)
        self.ledger.uploads[self.workspace, digest] = UploadEntry(self.workspace, digest, "gone")
        self.visitor.put_half(sent)
        return "cut"

    def delete_file(self) -> str:
        """A file goes with the runs on it."""
        files = list_uploads(self.store, self.workspace)
        if not files:
            return "nothing there"
        file = self.chance.choice(files)
        on_it = [
            run.id
            for run in list_runs(self.store, self.workspace)
            if any(held["digest"] == file.digest for held in run.inputs.values())
        ]
        entry = self.ledger.uploads[self.workspace, file.digest]
        self._going(on_it)
        entry.standing = "going"
        self.ledger.note("delete file", file=file.id)
        delete_upload(self.store, self.workspace, file.id)
        entry.standing = "gone"
        self._gone(on_it)
        return "done"

    # Reading and sharing ---------------------------------------------------------------------------------------------

    def share(self) -> str:
        run = self._one_of(lambda run: run.state == "done")
        if run is None:
            return "nothing there"
        _, token = create_share(self.store, self.workspace, [run.id])
        self.links[token] = run.id
        return "done"

    def open_link(self) -> str:
        """A link shows its result as long as the run is there."""
        if not self.links:
            return "nothing there"
        token = self.chance.choice(list(self.links))
        reply = self.visitor.get(f"/api/shared/{token}/1/result.json")
        standing = self.ledger.runs[self.links[token]].standing
        if standing == "there" and reply.status_code != 200 and get_run(self.store, self.workspace, self.links[token]):
            # asked again after it was deleted, the run has a new id: this one is there, so its link must work
            self.ledger.fault(
                "lost", f"a link to run {self.links[token]} answers {reply.status_code}: {reply.text[:200]}"
            )
        if standing != "there":
            del self.links[token]
            return "was deleted" if reply.status_code == 404 else f"answer {reply.status_code}"
        return "read"

    def download(self) -> str:
        run = self._one_of(lambda run: run.state == "done")
        if run is None:
            return "nothing there"
        name = self.chance.choice(["result.zip", "result.html", "result.json"])
        reply = self.visitor.get(f"/api/results/{run.id}/{name}")
        if reply.status_code != 200:
            self.ledger.fault(
                "lost", f"{name} of the finished run {run.id} answers {reply.status_code}: {reply.text[:200]}"
            )
        return "read"

    def leave_a_download(self) -> str:
        run = self._one_of(lambda run: run.state == "done")
        if run is None:
            return "nothing there"
        self.visitor.get_half(f"/api/results/{run.id}/result.zip")
        return "cut"

    def check_a_copy(self) -> str:
        """A page that was taken away passes the product's own check."""
        run = self._one_of(lambda run: run.state == "done")
        if run is None:
            return "nothing there"
        reply = self.visitor.get(f"/api/results/{run.id}/result.html")
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "result.html")
            copy.write_bytes(reply.content)
            outcome = verify(copy)
        if not outcome.ok:
            self.ledger.fault("torn", f"the exported page of {run.key} does not pass: {outcome.sentence}")
        return "passed" if outcome.ok else "FAILED"

    def look(self) -> str:
        """The list of runs as a script reads it."""
        reply = self.visitor.get("/api/runs")
        seen = {one["id"] for one in reply.json()}
        if missing := [
            run for run, entry in self.ledger.living() if entry.workspace == self.workspace and run not in seen
        ]:
            self.ledger.fault("lost", f"the runs {missing} are not in the list of their owner")
        return "read"

    def _one_of(self, fits: Callable[[Run], bool]) -> Run | None:
        found = [run for run in list_runs(self.store, self.workspace) if fits(run)]
        return self.chance.choice(found) if found else None

    def _file(self, digest: str) -> Upload | None:
        return next((one for one in list_uploads(self.store, self.workspace) if one.digest == digest), None)

    def _going(self, runs: list[str]) -> None:
        with self.ledger.lock:
            for run in runs:
                self.ledger.runs[run].standing = "going"

    def _gone(self, runs: list[str]) -> None:
        with self.ledger.lock:
            for run in runs:
                self.ledger.runs[run].standing = "gone"
        for run in runs:
            try:
                get_run(self.store, self.workspace, run)
            except NotFound:
                continue
            self.ledger.fault("error", f"run {run} is still there after it was deleted")
