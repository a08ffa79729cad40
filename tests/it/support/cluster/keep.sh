# Keeps one private PostgreSQL cluster for as long as standard input stays open: however the tests
# end, kill -9 included, the pipe closes, and the server and its folder go.
#
# Arguments: the folder of PostgreSQL's programs; a free port; the port of the primary for a standby, or
# nothing; what is on a small disk of its own ("tables", "wal" or nothing) and how large that is; a
# library that fakes the clock, or nothing.
# Environment: PGPASSWORD. Orders are the cases at the end, one a line, each answered with "done".
set -eu
exec 2>&1
bin=$1 port=$2 primary=$3 disk=$4 size=$5 faketime=$6

# PostgreSQL refuses to run as root.
as=
if [ "$(id -u)" -eq 0 ]; then
    user=nobody
    if id -u postgres >/dev/null 2>&1; then user=postgres; fi
    if command -v setpriv >/dev/null; then
        as="setpriv --reuid=$(id -u $user) --regid=$(id -g $user) --clear-groups"
    else
        as="runuser -u $user --"
    fi
fi

cd "${TMPDIR:-/tmp}"
folder=$($as mktemp -d "$PWD/scrollback-pg-XXXXXX")
data=$folder/data
log=$folder/log
clock=
if [ -n "$faketime" ]; then
    clock="env LD_PRELOAD=$faketime FAKETIME_TIMESTAMP_FILE=$folder/clock FAKETIME_NO_CACHE=1 \
        FAKETIME_DONT_FAKE_MONOTONIC=1"
fi

control() {
    $as $clock "$bin/pg_ctl" --pgdata="$data" --log="$log" --wait --silent "$@" </dev/null >&2
}

stop() {
    control --mode=immediate stop
}

clean() {
    status=$?
    trap - EXIT
    if [ -e "$data/postmaster.pid" ]; then stop || true; fi
    if [ $status -ne 0 ]; then tail -n 20 "$log" || true; fi
    if [ -n "$disk" ]; then umount "$folder/disk" || true; fi
    rm -rf "$folder"
    exit $status
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

initialise() {
    # Of 16 MB by default, which a small disk does not hold.
    segments=
    if [ "$disk" = wal ]; then segments=--wal-segsize=1; fi
    echo "$PGPASSWORD" | $as sh -c 'umask 077 && cat >"$1"' sh "$folder/password"
    $as "$bin/initdb" --pgdata="$data" --username=postgres --auth=scram-sha-256 $segments \
        --pwfile="$folder/password" --encoding=UTF8 --locale=C --no-sync </dev/null >/dev/null
    $as tee -a "$data/postgresql.conf" >/dev/null <<END
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$folder'
fsync = off
shared_buffers = 64MB
max_connections = 200
END
}

# Whoever started this gave it a mount namespace of its own, so the disk goes with it at the latest.
mount_disk() {
    $as mkdir "$folder/disk"
    mount -t tmpfs -o "size=$size,mode=700" scrollback "$folder/disk"
    chown --reference="$folder" "$folder/disk"
    if [ "$disk" = wal ]; then
        # One segment, instead of all those that a busy machine had time to fill while initialising.
        $as "$bin/pg_resetwal" --pgdata="$data" >/dev/null
        $as mv "$data/pg_wal" "$folder/disk/wal"
        $as ln -s "$folder/disk/wal" "$data/pg_wal"
    fi
}

# The server may read it at any moment, so it is replaced as a whole.
set_clock() {
    echo "$1" >"$folder/clock.new"
    mv "$folder/clock.new" "$folder/clock"
}

postmaster() {
    head -n 1 "$data/postmaster.pid"
}

children() {
    ps -A -o pid=,ppid= | awk -v parent="$(postmaster)" '$2 == parent { print $1 }'
}

# Every process at once; the first is held, so that it starts no other meanwhile.
kill_all() {
    kill -STOP "$(postmaster)"
    all="$(postmaster) $(children)"
    kill -KILL $all
    # A process is dead also while its new parent has not taken notice of that, though PostgreSQL,
    # which looks for the process of these files, would not start.
    while ps -o stat= -p "$(echo $all | tr ' ' ,)" | grep -q '^[^Z]'; do :; done
    rm -f "$data/postmaster.pid" "$folder"/.s.PGSQL.*
}

kill_one() {
    if children | grep -q -x "$1"; then kill -KILL "$1"; fi
}

# Later settings win over those that were copied.
copy() {
    $as "$bin/pg_basebackup" --pgdata="$data" --write-recovery-conf --checkpoint=fast --no-sync \
        --dbname="host=127.0.0.1 port=$primary user=postgres" </dev/null >/dev/null
    $as tee -a "$data/postgresql.conf" >/dev/null <<END
port = $port
unix_socket_directories = '$folder'
END
}

if [ -n "$primary" ]; then copy; else initialise; fi
if [ -n "$disk" ]; then mount_disk; fi
if [ -n "$faketime" ]; then set_clock +0; fi
control start
echo "ready"

while read -r order argument; do
    case $order in
        start) control start ;;
        stop) stop ;;
        promote) control promote ;;
        restart) control --mode=fast restart ;;
        kill) kill_all ;;
        kill-one) kill_one "$argument" ;;
        # After what may have ended it by itself.
        revive) stop || true; control start ;;
        grow) mount -o "remount,size=$argument" "$folder/disk" ;;
        clock) set_clock "$argument" ;;
    esac
    echo "done"
done
