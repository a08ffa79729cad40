# Keeps one private PostgreSQL cluster for as long as standard input stays open: however the tests
# end, kill -9 included, the pipe closes, and the server and its folder go.
#
# Arguments: the folder of PostgreSQL's programs, a free port, and for a standby the port of its
# primary. Environment: PGPASSWORD.
# Orders, one a line: "stop" (as a crash would), "start", "promote". Each is answered with "done".
set -eu
exec 2>&1
bin=$1 port=$2 primary=${3:-}

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

control() {
    $as "$bin/pg_ctl" --pgdata="$data" --log="$log" --wait --silent "$@" </dev/null >&2
}

stop() {
    control --mode=immediate stop
}

clean() {
    status=$?
    trap - EXIT
    if [ -e "$data/postmaster.pid" ]; then stop || true; fi
    if [ $status -ne 0 ]; then tail -n 20 "$log" || true; fi
    rm -rf "$folder"
    exit $status
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

initialise() {
    echo "$PGPASSWORD" | $as sh -c 'umask 077 && cat >"$1"' sh "$folder/password"
    $as "$bin/initdb" --pgdata="$data" --username=postgres --auth=scram-sha-256 \
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
control start
echo "ready"

while read -r order; do
    case $order in
        stop) stop ;;
        start) control start ;;
        promote) control promote ;;
    esac
    echo "done"
done
