"""The sandbox's Databricks as a server: access, faults, restart, its process, and the real SDK against it."""

from __future__ import annotations

import importlib
import importlib.util
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest

from dpn import DpnError, World
from dpn_sandbox import aws, databricks, life
from dpn_sandbox.testing import DatabricksSandbox, running_databricks, running_sandbox
from dpn_sandbox.wire import MAX_BODY

CATALOGS = "/api/2.1/unity-catalog/catalogs"
SALES = f"{CATALOGS}/sales"
CREATE = {"service": "databricks", "operation": "Catalogs.create"}
CLUSTER: dict[str, Any] = {
    "cluster_name": "etl",
    "spark_version": "15.4.x-scala2.12",
    "node_type_id": "i3.xlarge",
    "num_workers": 1,
}
TOKEN = {"Authorization": "Bearer sandbox"}
STRANGE = {"databricks.sdk", "moto", "boto3", "botocore", "requests", "flask"}


@pytest.fixture(scope="module")
def module_workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabricksSandbox]:
    with running_databricks(tmp_path_factory.mktemp("home")) as sandbox:
        yield sandbox


@pytest.fixture
def box(module_workspace: DatabricksSandbox) -> DatabricksSandbox:
    module_workspace.reset()
    return module_workspace


@pytest.fixture
def home(tmp_path: Path) -> Iterator[str]:
    """Give a home whose servers, if any, are stopped in the end."""
    yield str(tmp_path / "home")
    databricks.stop(World(), str(tmp_path / "home"))


def ask(
    url: str, method: str, target: str, body: Any = None, headers: Mapping[str, str] = TOKEN
) -> tuple[int, Any, Mapping[str, str]]:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, target, None if body is None else json.dumps(body), dict(headers))
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read() or b"null"), dict(reply.getheaders())
    finally:
        connection.close()


def create(box: DatabricksSandbox, name: str = "sales") -> tuple[int, str]:
    status, answer, _ = ask(box.url, "POST", CATALOGS, {"name": name})
    return status, str(answer.get("error_code", ""))


def statuses(box: DatabricksSandbox) -> list[int]:
    return [row["status"] for row in box.requests() if row["operation"] == "Catalogs.create"]


def test_settings_and_variables_lead_to_the_workspace_and_its_warehouse(box: DatabricksSandbox) -> None:
    assert box.settings["host"] == box.env["DATABRICKS_HOST"] == box.url
    assert box.settings["token"] == box.env["DATABRICKS_TOKEN"]
    warehouse = box.settings["warehouse_id"]
    assert warehouse == box.env["DATABRICKS_WAREHOUSE_ID"]
    assert ask(box.url, "GET", f"/api/2.0/sql/warehouses/{warehouse}")[1]["state"] == "RUNNING"


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_web_pages_get_no_answer(box: DatabricksSandbox, headers: dict[str, str]) -> None:
    connection = HTTPConnection("127.0.0.1", box.running.port, timeout=10)
    connection.request("POST", CATALOGS, json.dumps({"name": "sales"}), {**TOKEN, **headers})
    assert connection.getresponse().status == 403
    connection.close()
    assert "sales" not in box.objects()["catalogs"]


def test_control_needs_the_secret_of_its_own_file(box: DatabricksSandbox) -> None:
    status, answer, _ = ask(box.url, "GET", "/_dpn/objects")
    assert status == 403
    assert "databricks.json" in answer["error"]


def test_a_body_too_large_is_refused_before_it_is_read(box: DatabricksSandbox) -> None:
    status, answer, _ = ask(box.url, "POST", CATALOGS, None, {**TOKEN, "Content-Length": str(MAX_BODY + 1)})
    assert (status, answer["error_code"]) == (413, "MAX_REQUEST_SIZE_EXCEEDED")


@pytest.mark.parametrize("sent", [b"", b'{"name": "nightly"'])
def test_a_client_that_dies_while_it_sends_has_asked_for_nothing(box: DatabricksSandbox, sent: bytes) -> None:
    head = "POST /api/2.2/jobs/create HTTP/1.1\r\nHost: 127.0.0.1:1\r\nAuthorization: Bearer sandbox\r\n"
    with socket.create_connection(("127.0.0.1", box.running.port), timeout=10) as client:
        client.sendall(f"{head}Content-Length: 19\r\n\r\n".encode() + sent)
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    assert not box.objects().get("jobs")


def test_a_lost_reply_is_of_a_write_that_was_applied_once(box: DatabricksSandbox) -> None:
    box.faults([{"kind": "lost_reply", "match": {**CREATE, "name": "sales"}}])
    with pytest.raises(RemoteDisconnected):
        create(box)
    assert statuses(box) == [0]
    assert "sales" in box.objects()["catalogs"]
    assert create(box)[0] == 400


def test_a_page_for_people_comes_with_or_without_its_effect(box: DatabricksSandbox) -> None:
    box.faults([{"kind": "garbage", "status": 200, "match": CREATE, "applied": True}])
    connection = HTTPConnection(box.url.removeprefix("http://"), timeout=10)
    connection.request("POST", CATALOGS, json.dumps({"name": "sales"}), TOKEN)
    reply = connection.getresponse()
    assert (reply.status, reply.read()[:14]) == (200, b"<!doctype html")
    connection.close()
    assert "sales" in box.objects()["catalogs"]


def test_a_reply_is_cut_off_or_comes_byte_by_byte(box: DatabricksSandbox) -> None:
    box.faults([{"kind": "cut", "match": CREATE}])
    with pytest.raises(IncompleteRead):
        ask(box.url, "POST", CATALOGS, {"name": "sales"})
    assert "sales" in box.objects()["catalogs"]
    box.faults([{"kind": "drip", "match": CREATE, "seconds": 0.05}])
    began = time.monotonic()
    assert ask(box.url, "POST", CATALOGS, {"name": "slow"})[1]["name"] == "slow"
    assert time.monotonic() - began >= 0.05


def test_a_refused_connection_applies_nothing(box: DatabricksSandbox) -> None:
    box.faults([{"kind": "refuse", "match": CREATE}])
    with pytest.raises(RemoteDisconnected):
        create(box)
    assert "sales" not in box.objects()["catalogs"]


def test_a_process_dies_between_effect_and_reply(box: DatabricksSandbox) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        box.faults([{"kind": "kill", "match": CREATE, "pid": victim.pid}])
        with pytest.raises(RemoteDisconnected):
            create(box)
        assert victim.wait(timeout=10) == -signal.SIGKILL
    assert "sales" in box.objects()["catalogs"]


def test_throttling_says_to_come_again_and_applies_nothing(box: DatabricksSandbox) -> None:
    box.faults([{"kind": "throttle", "match": CREATE}])
    status, answer, headers = ask(box.url, "POST", CATALOGS, {"name": "sales"})
    assert (status, answer["error_code"], headers["Retry-After"]) == (429, "REQUEST_LIMIT_EXCEEDED", "0")
    assert create(box)[0] == 200
    assert statuses(box) == [429, 200]


@pytest.mark.parametrize("applied", [False, True])
def test_an_error_comes_with_or_without_its_effect(box: DatabricksSandbox, applied: bool) -> None:
    box.faults(
        [{"kind": "error", "match": CREATE, "status": 503, "code": "TEMPORARILY_UNAVAILABLE", "applied": applied}]
    )
    assert create(box) == (503, "TEMPORARILY_UNAVAILABLE")
    assert ("sales" in box.objects()["catalogs"]) == applied


def test_a_rule_is_for_writes_only(box: DatabricksSandbox) -> None:
    box.faults([{"kind": "error", "times": 0, "match": {"write": True}, "status": 500}])
    assert ask(box.url, "GET", f"{CATALOGS}/main")[0] == 200
    assert create(box)[0] == 500


def test_a_handler_that_fails_is_an_error_reply_and_a_note_in_the_log(tmp_path: Path) -> None:
    with running_databricks(tmp_path) as own:
        own.plant("clusters", "odd", {})  # nothing that a handler could have made
        status, answer, _ = ask(own.url, "GET", "/api/2.1/clusters/get?cluster_id=odd")
        assert (status, answer["error_code"]) == (500, "INTERNAL_ERROR")
        assert "databricks.log" in answer["message"]
        assert "Traceback" in databricks.files(str(tmp_path)).log.read_text()


def fill(url: str) -> str:
    assert ask(url, "POST", CATALOGS, {"name": "sales", "comment": "c"})[0] == 200
    assert ask(url, "POST", CATALOGS, {"name": "gone"})[0] == 200
    assert ask(url, "DELETE", f"{CATALOGS}/gone?force=true")[0] == 200
    cluster = {"cluster_id": ask(url, "POST", "/api/2.1/clusters/create", CLUSTER)[1]["cluster_id"]}
    where = f"/api/2.1/clusters/get?cluster_id={cluster['cluster_id']}"
    assert [ask(url, "GET", where)[1]["state"] for _ in range(3)] == ["PENDING", "RUNNING", "RUNNING"]
    edit = {**CLUSTER, **cluster, "num_workers": 3}
    assert ask(url, "POST", "/api/2.1/clusters/edit", edit)[0] == 200  # allowed only once it runs
    return where


def test_objects_survive_a_restart_with_their_identifiers_and_times(tmp_path: Path) -> None:
    with running_databricks(tmp_path) as first:
        where = fill(first.url)
        first.plant("catalogs", "foreign", {**first.objects()["catalogs"]["sales"], "name": "foreign"})
        objects = first.objects()
    with running_databricks(tmp_path) as second:
        assert second.objects() == objects
        assert second.requests() == []
        assert ask(second.url, "GET", SALES)[1]["comment"] == "c"
        assert ask(second.url, "GET", where)[1]["num_workers"] == 3
        assert ask(second.url, "GET", f"{CATALOGS}/gone")[0] == 404
        assert ask(second.url, "GET", f"{CATALOGS}/foreign")[0] == 200


def test_after_a_reset_only_what_a_fresh_workspace_has_comes_back(tmp_path: Path) -> None:
    with running_databricks(tmp_path) as first:
        fresh = first.objects()
        fill(first.url)
        first.reset()
        assert first.objects() == fresh
        assert create(first, "later")[0] == 200
    with running_databricks(tmp_path) as second:
        assert set(second.objects()["catalogs"]) - set(fresh["catalogs"]) == {"later"}


def test_reads_that_move_nothing_are_not_kept(tmp_path: Path) -> None:
    with running_databricks(tmp_path) as own:
        where = fill(own.url)
        states = [ask(own.url, "GET", where)[1]["state"] for _ in range(5)]
        assert states[-1] == "RUNNING"
        size = databricks.files(str(tmp_path)).requests.stat().st_size
        ask(own.url, "GET", where)
        assert databricks.files(str(tmp_path)).requests.stat().st_size == size


def test_two_clouds_live_in_one_home_and_know_nothing_of_each_other(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as first, running_databricks(tmp_path) as second:
        assert first.url != second.url
        assert create(second)[0] == 200
        first.plant("landing")
        assert [row["operation"] for row in second.requests()] == ["Catalogs.create"]
        assert first.requests() == []
        first.reset()
        assert "sales" in second.objects()["catalogs"]
        names = {path.name for path in tmp_path.iterdir()}
        assert {"aws.json", "aws.requests", "databricks.json", "databricks.requests", "databricks.serving"} <= names
    assert not (tmp_path / "aws.json").exists()
    assert not (tmp_path / "databricks.json").exists()


def test_a_plant_that_is_not_understood_is_refused(box: DatabricksSandbox) -> None:
    status, answer, _ = ask(
        box.url, "POST", f"/_dpn/foreign?nonce={box.running.nonce}", {"collection": "catalogs", "key": "a"}
    )
    assert status == 400
    assert "object" in answer["error"]


def test_the_process_is_found_by_the_emulator_and_ends_when_told(home: str) -> None:
    world = World()
    settings = databricks.start(world, home)
    running = life.find(world, databricks.files(home))
    assert running is not None
    assert settings["host"] == running.url
    assert databricks.env(world, home)["DATABRICKS_HOST"] == running.url
    assert ask(running.url, "POST", CATALOGS, {"name": "sales"})[0] == 200
    databricks.reset(world, home)
    assert ask(running.url, "GET", SALES)[0] == 404
    assert aws.stop(world, home) is False
    assert databricks.stop(world, home) is True
    assert databricks.stop(world, home) is False


def test_the_process_ends_when_nobody_asks_it_anything(home: str) -> None:
    command = [sys.executable, "-m", "dpn_sandbox.server", "--emulator", "databricks", "--home", home, "--idle", "0.05"]
    assert subprocess.run(command, timeout=30, check=False).returncode == 0
    assert not databricks.files(home).server.exists()
    assert "listens on http://127.0.0.1:" in databricks.files(home).log.read_text()


def test_the_process_imports_no_sdk_and_not_moto(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from dpn import World\n"
        "from dpn_sandbox.home import Files; from dpn_sandbox.server import serve\n"
        f"with serve(World(), Files(Path({str(tmp_path)!r}), 'databricks')):\n"
        f"    print(sorted({STRANGE!r} & set(sys.modules)), 'werkzeug' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[] True"


def test_the_emulator_costs_nothing_to_import() -> None:
    code = (
        "import sys; from dpn_sandbox import databricks\n"
        "print(all(callable(getattr(databricks, name)) for name in ('start', 'stop', 'reset', 'env')))\n"
        "print(sorted({'werkzeug', 'http.client', 'moto', 'random', 'databricks'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[:2] == ["True", "[]"]


def test_aws_without_its_extra_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "moto" else found(name))
    for act in (aws.start, aws.env):
        with pytest.raises(DpnError, match="needs moto, which is not installed") as caught:
            act(World(), str(tmp_path / "home"))
        assert caught.value.exit_code == 7
        assert "pip install 'dpn-sandbox[aws]'" in caught.value.hint
    assert aws.stop(World(), str(tmp_path / "home")) is False
    assert not (tmp_path / "home").exists()


class Sdk:
    """The real SDK, which is led to the sandbox as a user would."""

    def __init__(self, url: str, token: str) -> None:
        from databricks.sdk.core import ApiClient, Config

        self.config = Config(host=url, token=token)
        self.client = ApiClient(self.config)

    def api(self, service: str, name: str) -> Any:
        """Give an API class over the client; the SDK does not say its types."""
        return getattr(importlib.import_module(f"databricks.sdk.service.{service}"), f"{name}API")(self.client)


@pytest.fixture
def sdk(box: DatabricksSandbox, monkeypatch: pytest.MonkeyPatch) -> Sdk:
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", "/dev/null")
    return Sdk(box.settings["host"], box.settings["token"])


def test_the_sdk_learns_of_the_host_and_reads_and_writes(sdk: Sdk) -> None:
    catalogs, clusters = sdk.api("catalog", "Catalogs"), sdk.api("compute", "Clusters")
    assert sdk.config.workspace_id == "4242424242424242"
    assert sdk.api("iam", "CurrentUser").me().user_name == "sandbox@example.com"
    made = catalogs.create("sales", comment="c", properties={"a": "b"})
    assert (made.name, made.properties) == ("sales", {"a": "b"})
    assert {catalog.name for catalog in catalogs.list()} >= {"main", "sales"}
    cluster_id = clusters.create(**CLUSTER).cluster_id
    assert [clusters.get(cluster_id).state.value for _ in range(2)] == ["PENDING", "RUNNING"]
    assert [cluster.cluster_name for cluster in clusters.list()] == ["etl"]
    catalogs.delete("sales", force=True)


def test_the_sdk_understands_every_kind_of_error(sdk: Sdk, box: DatabricksSandbox) -> None:
    from databricks.sdk import errors

    catalogs = sdk.api("catalog", "Catalogs")
    with pytest.raises(errors.NotFound):
        catalogs.get("none")
    with pytest.raises(errors.InvalidParameterValue, match="colour"):
        sdk.client.do("POST", CATALOGS, body={"name": "a", "colour": "red"})
    with pytest.raises(errors.NotFound, match="No API found"):
        sdk.client.do("GET", "/api/2.0/none")
    with pytest.raises(errors.NotFound, match="No API found"):
        sdk.client.do("GET", "/none")
    with pytest.raises(errors.PermissionDenied, match="Invalid access token"):
        Sdk(box.url, "dapi0123").api("catalog", "Catalogs").get("main")
    box.faults([{"kind": "error", "match": {"operation": "Catalogs.get"}, "status": 401, "code": "UNAUTHENTICATED"}])
    with pytest.raises(errors.Unauthenticated):
        catalogs.get("main")
    assert catalogs.get("main").name == "main"
