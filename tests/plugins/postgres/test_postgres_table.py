"""The state backend postgres on a real server: it does what a store must do, whatever becomes of its connection."""

from __future__ import annotations

import json
import random
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dpn import ConflictError, DpnError, InputError, LostReplyError, World, api
from dpn.testing import Cloud, MemoryPlugin, ObjectsConformance
from dpn_postgres import dpn_backends, open_table
from dpn_postgres.table import Table, TableObjects

sys.path.insert(0, str(Path(__file__).parents[2] / "helpers"))
from postgres_server import PASSWORD


@pytest.fixture
def objects(server: str, schema: str) -> Iterator[TableObjects]:
    made = TableObjects(World(env={}, sleep=lambda _: None), server, Table(schema, "dpn_objects"))
    yield made
    made.close()


class TestTable(ObjectsConformance):
    @pytest.fixture
    def objects(self, objects: TableObjects) -> TableObjects:
        return objects


def kick(server: str) -> None:
    """End every other connection, as a restart or a failover does."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


def rows(server: str, schema: str) -> list[Any]:
    with psycopg.connect(server) as connection:
        return connection.execute(f"SELECT key, content FROM {schema}.dpn_objects".encode()).fetchall()


def test_nothing_is_made_by_reading(server: str, schema: str, objects: TableObjects) -> None:
    assert (objects.get("a"), objects.names("a/")) == (None, [])
    objects.delete(["a"])
    with pytest.raises(ConflictError):
        objects.put("a", b"x", "some version")
    with psycopg.connect(server) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall()
    assert found == [("dpn_objects",)]  # by the put


def test_several_make_the_table_at_once(server: str, schema: str) -> None:
    stores = [TableObjects(World(env={}), server, Table(schema, "dpn_objects")) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: one[1].put(f"a/{one[0]}", b"x", None), enumerate(stores)))
    assert stores[0].names("a/") == ["0", "1", "2", "3", "4", "5"]
    for one in stores:
        one.close()


def test_a_connection_that_was_lost_is_opened_again(server: str, objects: TableObjects) -> None:
    version = objects.put("a", b"x", None)
    for use in (lambda: objects.get("a"), lambda: objects.names("b/"), lambda: objects.delete(["c"])):
        kick(server)
        use()
    assert objects.get("a") == (b"x", version)


def test_a_put_over_a_connection_that_was_lost_is_never_sent_again(server: str, objects: TableObjects) -> None:
    version = objects.put("a", b"x", None)
    kick(server)
    with pytest.raises(LostReplyError, match=r"PostgreSQL, postgres:test_\d+\.dpn_objects"):
        objects.put("a", b"y", version)
    assert objects.get("a") == (b"x", version)
    objects.put("a", b"y", version)


def test_a_server_that_comes_back_is_waited_for(
    server: str, objects: TableObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    version, real, failures = objects.put("a", b"x", None), psycopg.connect, [1, 2]

    def connect(*words: Any, **options: Any) -> Any:
        if failures:
            raise psycopg.OperationalError(f"connection refused {failures.pop()}")
        return real(*words, **options)

    kick(server)
    monkeypatch.setattr(psycopg, "connect", connect)
    for _ in range(3):  # the lost connection, and two refused ones
        with pytest.raises(LostReplyError):
            objects.put("a", b"y", version)
    objects.put("a", b"y", version)


def test_a_server_with_stricter_isolation_tells_a_conflict_in_its_own_way(server: str, schema: str) -> None:
    strict = f"{server} options='-c default_transaction_isolation=serializable'"
    objects = TableObjects(World(env={}), strict, Table(schema, "dpn_objects"))
    version = objects.put("a", b"x", None)
    with psycopg.connect(server) as other:
        other.execute(f"UPDATE {schema}.dpn_objects SET version = 'theirs'".encode())
        with ThreadPoolExecutor(1) as pool:
            put = pool.submit(objects.put, "a", b"y", version)
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'dpn'"
            )
            with psycopg.connect(server, autocommit=True) as watch:
                while watch.execute(waiting).fetchone() != (1,):
                    assert not put.done()
            other.commit()
            with pytest.raises(ConflictError):
                put.result(30)
    objects.close()


def test_what_gave_way_to_another_statement_is_sent_again(server: str, schema: str) -> None:
    strict = f"{server} options='-c default_transaction_isolation=serializable'"
    objects = TableObjects(World(env={}), strict, Table(schema, "dpn_objects"))
    objects.put("a", b"x", None)
    with psycopg.connect(server) as other, ThreadPoolExecutor(1) as pool:
        other.execute(f"UPDATE {schema}.dpn_objects SET version = 'theirs'".encode())
        gone = pool.submit(objects.delete, ["a"])
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'dpn'"
        with psycopg.connect(server, autocommit=True) as watch:
            while watch.execute(waiting).fetchone() != (1,):
                assert not gone.done()
        other.commit()
        gone.result(30)
    assert objects.get("a") is None
    objects.close()


@pytest.mark.parametrize("error", [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure])
def test_a_put_that_only_gave_way_is_no_conflict(
    objects: TableObjects, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """Who believes to have been overtaken gives the stack up; nobody else has written here."""
    version, real, left = objects.put("a", b"x", None), psycopg.Connection.execute, [1, 2]

    def execute(self: Any, *words: Any, **more: Any) -> Any:
        if left:
            left.pop()
            raise error("gave way")
        return real(self, *words, **more)

    monkeypatch.setattr(psycopg.Connection, "execute", execute)
    version = objects.put("a", b"y", version)
    left += range(100)
    with pytest.raises(LostReplyError, match="gave way"):
        objects.put("a", b"z", version)


@contextmanager
def stalling(server: str) -> Iterator[tuple[str, threading.Event]]:
    """Give a way to the server that passes nothing on once the event is set, as a network that has gone does."""
    stalled, over = threading.Event(), threading.Event()
    pumps: list[tuple[socket.socket, threading.Thread]] = []
    port = int(server.partition("port=")[2].partition(" ")[0])

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if stalled.is_set():
                    over.wait()
                sink.sendall(data)

    def serve() -> None:
        with suppress(OSError):
            while True:
                ends = [front.accept()[0], socket.create_connection(("127.0.0.1", port))]
                for one, other in (ends, ends[::-1]):
                    pumps.append((one, threading.Thread(target=pump, args=(one, other), daemon=True)))
                    pumps[-1][1].start()

    with socket.create_server(("127.0.0.1", 0)) as front:
        threading.Thread(target=serve, daemon=True).start()
        yield server.replace(f"port={port}", f"port={front.getsockname()[1]}"), stalled
        over.set()
        front.shutdown(socket.SHUT_RDWR)
    for end, thread in pumps:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        end.close()


def test_a_server_that_gives_no_answer_is_not_waited_for_without_end(server: str, schema: str) -> None:
    with stalling(server) as (way, stalled):
        objects = TableObjects(World(env={}), way, Table(schema, "dpn_objects"), deadline=0.3)
        version = objects.put("a", b"x", None)
        stalled.set()
        with pytest.raises(LostReplyError, match=r"no answer in 0\.3 s") as told:
            objects.put("a", b"y", version)
        assert told.value.hint
        stalled.clear()
        objects.put("a", b"y", version)
        objects.close()


def test_a_connection_that_is_let_go_is_opened_again_and_can_be_let_go_again(
    server: str, objects: TableObjects
) -> None:
    ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dpn'"
    for _ in range(2):
        objects.put(World().new_id(), b"x", None)
        objects.close()
    with psycopg.connect(server, autocommit=True) as watch:
        while watch.execute(ours).fetchone() != (0,):  # the server ends its side a moment later
            pass


def test_no_statement_is_prepared_and_none_leaves_a_transaction_open(
    server: str, objects: TableObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pooler in transaction mode may run each statement in another session."""
    made, real = [], psycopg.connect

    def connect(*words: Any, **options: Any) -> Any:
        made.append(real(*words, **options))
        return made[-1]

    monkeypatch.setattr(psycopg, "connect", connect)
    for number in range(8):
        objects.put(f"a/{number}", b"x", None)
        objects.get(f"a/{number}")
    (ours,) = made
    assert ours.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert ours.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
    assert ours.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)
    assert ours.execute("SHOW application_name").fetchone() == ("dpn",)


def test_a_missing_right_is_told(server: str, schema: str, objects: TableObjects) -> None:
    objects.put("a", b"x", None)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {schema}_reader LOGIN PASSWORD '{PASSWORD}'".encode())
    reader = TableObjects(World(env={}), f"{server} user={schema}_reader", Table(schema, "dpn_objects"))
    with pytest.raises(DpnError, match="permission denied") as told:
        reader.get("a")
    assert "grants" in told.value.hint
    reader.close()


@pytest.mark.parametrize(
    ("dsn", "why"),
    [
        ("host=127.0.0.1 port=1 password=canary-1 connect_timeout=2", "onnect"),
        ("postgresql://ada:canary-1@127.0.0.1:1/dpn", "onnect"),
        ("postgresql://ada:begin@canary-1@127.0.0.1/dpn", "onnect|resolve|translate"),
        ("postgresql://ada:canary-1/x@127.0.0.1/dpn", "integer value|resolve"),
        ("canary-1 is no dsn", "none that libpq reads"),
        ("postgresql://ada:canary-1@[/dpn", "none that libpq reads"),
        ("{server} password=canary-1", "password authentication failed"),
        ("{server} dbname=nothing", "does not exist"),
    ],
)
def test_what_does_not_connect_is_told_without_the_password(server: str, dsn: str, why: str) -> None:
    store = TableObjects(World(env={}), dsn.replace("{server}", server), Table("public", "dpn_objects"))
    for use in (lambda: store.get("a"), lambda: store.put("a", b"", None)):
        with pytest.raises(DpnError, match=why) as told:
            use()
        assert not isinstance(told.value, LostReplyError)
        assert "canary" not in told.value.message + told.value.hint
        assert told.value.hint


def test_commands_keep_their_state_in_the_table(server: str, schema: str, tmp_path: Path) -> None:
    (tmp_path / ".dpn").mkdir()
    state = f"state: {{backend: postgres, schema: {schema}, lease: 20}}\n"
    (tmp_path / ".dpn" / "config.yaml").write_text(state)
    boxes = {"mem_box": {"a": {"naming": {"purpose": "a"}}}}
    head = {"version": "1", "stack": "lab", "metadata": {"project": "acme", "environment": "dev"}}
    (tmp_path / "blueprint.json").write_text(json.dumps({**head, "resources": boxes}))
    env = {"DPN_POSTGRES_DSN": server, "DPN_HOME": str(tmp_path / "home")}
    options = api.Options(file=Path("blueprint.json"), plugins=(MemoryPlugin(Cloud()),))
    done = api.apply(options, World(env=env, cwd=tmp_path))
    assert done.result
    assert done.result.outcome == "done"
    records, _ = api.records(options, World(env=env, cwd=tmp_path))
    assert list(records) == ["mem_box.a"]
    keys = [key for key, _ in rows(server, schema)]
    assert "stacks/lab.dev/state.json" in keys
    assert not any("/journal/" in key for key in keys)
    assert not (tmp_path / "home").exists()


# settings ------------------------------------------------------------------------------------------------------------


def test_the_dsn_comes_from_settings_or_the_environment(server: str, schema: str) -> None:
    (kind,) = dpn_backends()
    assert kind.name == "postgres"
    world = World(env={"DPN_POSTGRES_DSN": server}, rng=random.Random(7))
    for settings in ({"dsn": server}, {}):
        objects = open_table(world, {**settings, "schema": schema, "table": "mine"})
        assert objects.name == f"postgres:{schema}.mine"
        objects.put(f"a{settings}", b"x", None)
        objects.close()
    assert open_table(World(env={}), {}).name == "postgres:public.dpn_objects"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"table": "Robert'); DROP TABLE"}, "does not take table"),
        ({"schema": ""}, "does not take schema"),
        ({"bucket": "b"}, "does not take bucket"),
        ({"dsn": 3}, "does not take dsn = something"),
    ],
    ids=str,
)
def test_a_setting_that_is_none_is_refused(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=why):
        open_table(World(env={}), settings)
