"""What is kept: workspaces, uploads, jobs, runs, results, steps, share links.

A data base holds the rows, folders named by their content hold the files. Each concern is a module whose functions
take a `Store`. Nothing here imports torch, scikit-learn or dask: the page server stands on it. Importing this package
is cheap: each name below is loaded from its module when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazily import lazily

if TYPE_CHECKING:
    from core.store.curves import Curve, record_curve
    from core.store.eviction import Evicted, evict
    from core.store.jobs import (
        Job,
        RunnerRow,
        cancel_requests,
        claim_job,
        fail_job,
        finish_job,
        list_runners,
        mark_cancelled,
        record_progress,
        register_runner,
        release_jobs,
        renew_leases,
        take_over_dead,
    )
    from core.store.results import (
        StoredResult,
        has_result,
        load_figures,
        load_result,
        read_result_folder,
        result_path,
        save_result,
        touch_result,
        write_result_folder,
    )
    from core.store.runs import Run, cancel_run, delete_run, get_run, list_runs, rename_run, submit
    from core.store.shares import OpenedShare, Share, create_share, list_shares, open_share, revoke_share
    from core.store.steps import StepFolder
    from core.store.store import Store, open_store
    from core.store.uploads import (
        Incoming,
        Upload,
        attach_architecture,
        attach_labels,
        begin_upload,
        delete_upload,
        finish_upload,
        get_upload,
        list_uploads,
        rename_upload,
        upload_source,
    )
    from core.store.workspaces import new_workspace, read_cookie, sign_workspace, workspace_exists

_HOMES = {
    "curves": (
        "Curve",
        "record_curve",
    ),
    "eviction": (
        "Evicted",
        "evict",
    ),
    "jobs": (
        "Job",
        "RunnerRow",
        "cancel_requests",
        "claim_job",
        "fail_job",
        "finish_job",
        "list_runners",
        "mark_cancelled",
        "record_progress",
        "register_runner",
        "release_jobs",
        "renew_leases",
        "take_over_dead",
    ),
    "results": (
        "StoredResult",
        "has_result",
        "load_figures",
        "load_result",
        "read_result_folder",
        "result_path",
        "save_result",
        "touch_result",
        "write_result_folder",
    ),
    "runs": (
        "Run",
        "cancel_run",
        "delete_run",
        "get_run",
        "list_runs",
        "rename_run",
        "submit",
    ),
    "shares": (
        "OpenedShare",
        "Share",
        "create_share",
        "list_shares",
        "open_share",
        "revoke_share",
    ),
    "steps": ("StepFolder",),
    "store": (
        "Store",
        "open_store",
    ),
    "uploads": (
        "Incoming",
        "Upload",
        "attach_architecture",
        "attach_labels",
        "begin_upload",
        "delete_upload",
        "finish_upload",
        "get_upload",
        "list_uploads",
        "rename_upload",
        "upload_source",
    ),
    "workspaces": (
        "new_workspace",
        "read_cookie",
        "sign_workspace",
        "workspace_exists",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Curve",
    "Evicted",
    "Incoming",
    "Job",
    "OpenedShare",
    "Run",
    "RunnerRow",
    "Share",
    "StepFolder",
    "Store",
    "StoredResult",
    "Upload",
    "attach_architecture",
    "attach_labels",
    "begin_upload",
    "cancel_requests",
    "cancel_run",
    "claim_job",
    "create_share",
    "delete_run",
    "delete_upload",
    "evict",
    "fail_job",
    "finish_job",
    "finish_upload",
    "get_run",
    "get_upload",
    "has_result",
    "list_runners",
    "list_runs",
    "list_shares",
    "list_uploads",
    "load_figures",
    "load_result",
    "mark_cancelled",
    "new_workspace",
    "open_share",
    "open_store",
    "read_cookie",
    "read_result_folder",
    "record_curve",
    "record_progress",
    "register_runner",
    "release_jobs",
    "rename_run",
    "rename_upload",
    "renew_leases",
    "result_path",
    "revoke_share",
    "save_result",
    "sign_workspace",
    "submit",
    "take_over_dead",
    "touch_result",
    "upload_source",
    "workspace_exists",
    "write_result_folder",
]

__getattr__, __dir__ = lazily(__name__, _HOME_OF)
