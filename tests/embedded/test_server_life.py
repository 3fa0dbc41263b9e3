"""What happens to the server when its users, its guard or the server itself come and go."""

import os
import signal
import subprocess
import sys

import pytest
from embedded_house import PSQL, eventually, running

from service.embedded.errors import StartFailed


def test_a_second_user_finds_the_server_of_the_first(house):
    house.application()
    first = house.server

    house.acquire()

    assert house.server == first
    assert house.ask("SELECT 1") == "1"


def test_the_data_is_still_there_after_a_stop(own_house):
    lease = own_house.acquire()
    own_house.ask("CREATE TABLE visit AS SELECT 'Mrs Lin' AS visitor")

    assert lease.stop_if_last()
    stopped = own_house.server
    own_house.acquire()

    assert stopped == 0
    assert own_house.ask("TABLE visit") == "Mrs Lin"


def test_an_application_killed_outright_leaves_no_server_behind(house):
    application = house.application()
    server, guard = house.server, house.guard

    application.kill()

    assert eventually(lambda: not running(server) and not running(guard))
    assert "database system is shut down" in house.log


def test_a_forked_worker_keeps_the_server_that_its_parent_started(house):
    fork = """
import os, time
worker = os.fork()
if worker == 0: time.sleep(60)
lease.release()
print(worker, flush=True)
"""
    application = house.application(fork)
    worker = int(application.stdout.readline())
    server = house.server

    house.kill(application.pid)
    # A guard that wrongly took the lease for free would stop the server within milliseconds.
    survived = not eventually(lambda: not running(server), patience=0.3)
    os.kill(worker, signal.SIGKILL)

    assert survived
    assert eventually(lambda: not running(server))


def test_a_program_started_by_the_application_does_not_keep_the_server(house):
    program = "import subprocess; subprocess.Popen(['sleep', '60'], close_fds=False, stdout=2)"
    application = house.application(program + "; print('started', flush=True)")
    assert application.stdout.readline() == "started\n"
    server = house.server

    application.kill()

    assert eventually(lambda: not running(server))


def test_a_killed_guard_takes_its_server_along(house):
    house.application()
    server = house.server

    house.kill(house.guard)
    if sys.platform != "linux":
        # No signal at the parent's death: there the next start has to find the orphan.
        house.acquire()

    assert eventually(lambda: not running(server))


def test_a_server_without_its_guard_is_replaced_even_while_it_still_answers(house):
    house.application()
    server = house.server
    record = house.home.read_record()
    house.home.write_record(type(record)(os.getpid(), record.postmaster, record.version))

    house.acquire()

    assert house.server not in {0, server}


def test_the_next_start_after_a_killed_guard_is_a_normal_one(house):
    house.application()
    server = house.server

    house.kill(house.guard)
    house.acquire()

    assert house.server not in {0, server}
    assert house.ask("SELECT 1") == "1"
    assert "not properly shut down" not in house.log


def test_a_killed_server_is_started_again_by_the_next_acquire(own_house):
    own_house.acquire()
    own_house.ask("CREATE TABLE visit AS SELECT 'Mrs Lin' AS visitor")
    server, guard = own_house.server, own_house.guard

    own_house.kill(server)
    own_house.acquire()

    assert own_house.ask("TABLE visit") == "Mrs Lin"
    assert "not properly shut down" in own_house.log
    assert eventually(lambda: not running(guard))


def test_a_lease_that_is_renewed_finds_a_server_again_and_counts_once(own_house):
    lease = own_house.acquire()
    first = own_house.server
    lease.renew()
    unchanged = own_house.server

    own_house.kill(first)
    lease.renew()

    assert unchanged == first
    assert own_house.ask("SELECT 1") == "1"
    assert lease.stop_if_last()


def test_a_start_waits_for_the_backends_that_survived_a_killed_server(house):
    house.acquire()
    busy = "SELECT count(*) FROM generate_series(1, 6000000)"
    with subprocess.Popen(
        [PSQL, "-XAt", "-h", house.home.socket_folder, "-U", "postgres", "-c", busy],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ):
        while house.ask("SELECT count(*) FROM pg_stat_activity WHERE state = 'active'") != "2":
            pass
        house.kill(house.server)

        house.acquire()

    assert "pre-existing shared memory block" in house.log
    assert house.ask("SELECT 1") == "1"


@pytest.mark.parametrize("reused", ["init", "this test"])
def test_a_pid_file_that_survived_everything_does_not_stop_the_next_start(house, reused):
    application = house.application()
    house.kill(application.pid, house.guard, house.server)
    pid_file = house.home.cluster / "postmaster.pid"
    _, *rest = pid_file.read_text().splitlines()
    socket_lock = house.home.socket_folder / ".s.PGSQL.5432.lock"
    number = {"init": 1, "this test": os.getpid()}[reused]
    for file in (pid_file, socket_lock):
        file.write_text("\n".join([str(number), *rest, ""]))

    house.acquire()

    assert house.server not in {0, number}
    assert house.ask("SELECT 1") == "1"


def test_eight_processes_on_a_fresh_home_share_one_server(fresh_house):
    applications = [fresh_house.begin_application() for _ in range(8)]

    answers = [application.stdout.readline() for application in applications]

    assert answers == ["serving\n"] * 8
    assert fresh_house.ask("SELECT 1") == "1"
    assert fresh_house.log.count("ready to accept connections") == 1
    assert [path.name for path in fresh_house.path.glob("cluster-*")] == [
        fresh_house.home.cluster.name
    ]


def test_a_copied_data_folder_does_not_serve_the_data_of_the_original(own_house, other_house):
    own_house.acquire()
    own_house.ask("CHECKPOINT")
    other_house.path.mkdir(mode=0o711)
    subprocess.run(["cp", "-a", own_house.home.cluster, other_house.home.cluster], check=True)
    own_house.ask("CREATE TABLE visit AS SELECT 'Mrs Lin' AS visitor")

    other_house.acquire()

    assert other_house.server != own_house.server
    assert 'relation "visit" does not exist' in other_house.ask("TABLE visit")
    assert own_house.ask("TABLE visit") == "Mrs Lin"


def test_ctrl_c_reaches_the_application_and_not_the_server(house):
    application = house.application("""
try:
    print("waiting", flush=True)
    sys.stdin.read()
except KeyboardInterrupt:
    print("draining", flush=True)
""")
    assert application.stdout.readline() == "waiting\n"
    server = house.server

    os.killpg(application.pid, signal.SIGINT)

    assert application.stdout.readline() == "draining\n"
    assert house.server == server
    assert house.ask("SELECT 1") == "1"


def test_within_the_grace_a_restarted_application_finds_the_same_server(house):
    lease = house.acquire(grace_seconds=0.6)
    server = house.server

    lease.release()
    again = house.acquire()
    found = house.server
    # Longer than the grace: a user who came back cancels it.
    kept = not eventually(lambda: not running(server), patience=0.9)
    again.release()

    assert found == server
    assert kept
    assert eventually(lambda: not running(server))


def test_an_application_that_ends_properly_does_not_wait_for_the_grace(house):
    lease = house.acquire(grace_seconds=60)
    server, guard = house.server, house.guard

    assert lease.stop_if_last()

    assert not running(server)
    assert not running(guard)


def test_nobody_stops_a_server_that_another_uses(house):
    house.application()
    lease = house.acquire()

    assert not lease.stop_if_last()

    assert house.ask("SELECT 1") == "1"


def test_a_server_of_another_release_makes_way_for_the_installed_one(house):
    house.application()
    server = house.server
    record = house.home.read_record()
    house.home.write_record(type(record)(record.guard, record.postmaster, "18.5.0"))

    house.acquire()

    assert house.server not in {0, server}
    assert house.home.read_record().version == record.version


def test_throw_away_data_disappears_with_its_last_user(fresh_house):
    lease = fresh_house.acquire(throw_away=True)
    unsynced = fresh_house.ask("SHOW fsync")

    lease.release()

    assert unsynced == "off"
    assert eventually(lambda: not list(fresh_house.path.glob("cluster-*")))


def test_throw_away_data_is_never_taken_up_again_after_a_crash(fresh_house):
    fresh_house.acquire(throw_away=True)
    fresh_house.ask("CREATE TABLE visit AS SELECT 'Mrs Lin' AS visitor")
    fresh_house.ask("CHECKPOINT")

    fresh_house.kill(fresh_house.guard, fresh_house.server)
    fresh_house.acquire(throw_away=True)

    assert 'relation "visit" does not exist' in fresh_house.ask("TABLE visit")


def test_a_server_that_cannot_start_says_why_and_leaves_nothing_running(house):
    with pytest.raises(StartFailed) as refusal:
        house.acquire(settings={"shared_buffers": "plenty"})
    nothing_runs = house.server == 0

    house.acquire()

    assert 'invalid value for parameter "shared_buffers": "plenty"' in str(refusal.value)
    assert nothing_runs
    assert house.ask("SELECT 1") == "1"


def test_what_an_interrupted_creation_left_is_removed(fresh_house):
    half_made = fresh_house.path / f"{fresh_house.home.cluster.name}.new-left"
    half_made.mkdir(parents=True)
    fresh_house.path.chmod(0o711)

    fresh_house.acquire()

    assert not half_made.exists()
    assert fresh_house.ask("SELECT 1") == "1"
