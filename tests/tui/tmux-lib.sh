# SPDX-License-Identifier: ISC
# A terminal for the tests: tmux on a socket of its own, and what a person does at it. After
# tests/cli/lib.sh. Nothing waits for time: everything waits for what is on the screen.

command -v tmux >/dev/null 2>&1 || { echo "tmux is not installed" >&2; exit 77; }

unset TMUX NO_COLOR LANGUAGE
SOCKET=$TMP/tmux
LIMIT=${TMUX_LIMIT:-60}

tm() { tmux -S "$SOCKET" -f /dev/null "$@"; }

# term_begin COLUMNS LINES: a shell, without anything of the user's
term_begin() {
	LC_ALL=C.UTF-8 TERM=xterm-256color tm new-session -d -x "$1" -y "$2" \
		"env -u TMUX LC_ALL=C.UTF-8 PS1='ready> ' ENV= HITLESS_DATA_DIR='$HITLESS_DATA_DIR' XDG_CONFIG_HOME='$XDG_CONFIG_HOME' sh -i" &&
		tm set -g default-terminal screen-256color && tm set -g status off &&
		tm set -s escape-time 0
	tm resize-window -x "$1" -y "$2" 2>/dev/null
	waits_for 'ready>' && run 'TERM=screen-256color; export TERM; stty rows '"$2"' columns '"$1"
}
term_end() { tm kill-server >/dev/null 2>&1; }

screen() { tm capture-pane -p; }
on_screen() { screen | grep -q -e "$1"; }
off_screen() { ! on_screen "$1"; }

broken() {
	fail "$*; the screen is"
	screen | sed 's/^/    | /' >&2
	return 1
}

# waits_for PATTERN [SECONDS]: until it is on the screen; gone PATTERN: until it is not
waits_for() { wait_for "${2:-$LIMIT}" on_screen "$1" || broken "never on the screen: $1"; }
gone() { wait_for "${2:-$LIMIT}" off_screen "$1" || broken "never gone from the screen: $1"; }

# press KEY...: as tmux names them (Enter, Space, Escape, C-l, x); write_text TEXT
press() { tm send-keys "$@"; }
write_text() { tm send-keys -l "$1"; }

# run COMMAND: in the shell; it is back when its prompt is
run() {
	write_text "$1"
	press Enter
}

# A lab, a state directory that knows it, and what it needs.
lab_begin() { # NAME OPTIONS...
	L=$TMP/lab
	fabric=$1
	shift
	expect 0 lab up --fabric "$fabric" --dir "$L" --to 4.2.0 "$@" || return 1
	expect 0 setting set clock-speed "$SPEED"
	expect 0 inventory import "$L/inventory.json"
	cp "$L/known_hosts" "$S/known_hosts"
	expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
	for image in "$L"/images/*.bin; do
		expect 0 image add "$image"
	done
}
lab_end() { "$PROG" lab down --dir "$L" >/dev/null 2>&1; }

# End the processes of these jobs: those that we began.
jobs_end() {
	for job in "$@"; do
		p=$("$PROG" --state "$S" show "$job" 2>/dev/null |
			sed -n 's/^Process: .*pid \([0-9]*\) .*/\1/p')
		[ -z "$p" ] || kill "$p" 2>/dev/null
	done
}
