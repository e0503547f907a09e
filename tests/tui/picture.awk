# SPDX-License-Identifier: ISC
# A screen of a terminal as SVG: lines with SGR sequences in (tmux capture-pane -e), a picture out.
# -v columns=N -v lines=N -v title=TEXT

BEGIN {
	cw = 8.4; ch = 18; pad = 12
	split("000000 cd3131 0dbc79 e5e510 2472c8 bc3fbc 11a8cd e5e5e5 " \
	      "666666 f14c4c 23d18b f5f543 3b8eea d670d6 29b8db ffffff", base, " ")
	w = columns * cw + 2 * pad; h = lines * ch + 2 * pad
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n", w, h, w, h
	printf "<title>%s</title>\n", safe(title)
	printf "<rect width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#1e1e1e\"/>\n", w, h
	print "<g font-family=\"DejaVu Sans Mono,Menlo,Consolas,monospace\" font-size=\"14\" fill=\"#d4d4d4\" xml:space=\"preserve\">"
	fresh()
}

function fresh() { fg = bg = ""; bold = under = reverse = dim = 0 }

function safe(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); return s }

function hex(n) { return sprintf("%02x", n) }

# One of the 256 colours.
function colour(n,   r, g, b) {
	if (n < 16) return "#" base[n + 1]
	if (n >= 232) { r = 8 + (n - 232) * 10; return "#" hex(r) hex(r) hex(r) }
	n -= 16
	r = int(n / 36); g = int(n / 6) % 6; b = n % 6
	return "#" hex(r ? 55 + r * 40 : 0) hex(g ? 55 + g * 40 : 0) hex(b ? 55 + b * 40 : 0)
}

function sgr(list,   p, n, i, c) {
	n = split(list, p, ";")
	if (n == 0) fresh()
	for (i = 1; i <= n; i++) {
		c = p[i] + 0
		if (c == 0) fresh()
		else if (c == 1) bold = 1
		else if (c == 2) dim = 1
		else if (c == 4) under = 1
		else if (c == 7) reverse = 1
		else if (c == 22) bold = dim = 0
		else if (c == 24) under = 0
		else if (c == 27) reverse = 0
		else if (c == 39) fg = ""
		else if (c == 49) bg = ""
		else if ((c == 38 || c == 48) && p[i + 1] == 5) {
			if (c == 38) fg = colour(p[i + 2]); else bg = colour(p[i + 2])
			i += 2
		} else if ((c == 38 || c == 48) && p[i + 1] == 2) {
			if (c == 38) fg = "#" hex(p[i + 2]) hex(p[i + 3]) hex(p[i + 4])
			else bg = "#" hex(p[i + 2]) hex(p[i + 3]) hex(p[i + 4])
			i += 4
		} else if (c >= 30 && c <= 37) fg = colour(c - 30)
		else if (c >= 40 && c <= 47) bg = colour(c - 40)
		else if (c >= 90 && c <= 97) fg = colour(c - 82)
		else if (c >= 100 && c <= 107) bg = colour(c - 92)
	}
}

# Columns of a text of bytes: all but those that go on a character of UTF-8.
function width(text) { gsub(/[\200-\277]/, "", text); return length(text) }

# A run of text in one style, from column x on.
function put(x, y, text,   n, f, b, left) {
	n = width(text)
	f = reverse ? (bg == "" ? "#1e1e1e" : bg) : fg
	b = reverse ? (fg == "" ? "#d4d4d4" : fg) : bg
	left = pad + x * cw
	if (b != "")
		printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", left, pad + y * ch, n * cw, ch, b
	if (text ~ /[^ ]/)
		printf "<text x=\"%.1f\" y=\"%.1f\" textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\"%s%s%s%s>%s</text>\n", left, pad + y * ch + 13.5, n * cw, f == "" ? "" : " fill=\"" f "\"", bold ? " font-weight=\"bold\"" : "", under ? " text-decoration=\"underline\"" : "", dim ? " opacity=\"0.6\"" : "", safe(text)
	return n
}

{
	x = 0
	rest = $0
	gsub(/\017|\016/, "", rest)
	while (match(rest, /\033\[[0-9;]*m/)) {
		if (RSTART > 1) x += put(x, NR - 1, substr(rest, 1, RSTART - 1))
		sgr(substr(rest, RSTART + 2, RLENGTH - 3))
		rest = substr(rest, RSTART + RLENGTH)
	}
	if (rest != "") put(x, NR - 1, rest)
}

END { print "</g>"; print "</svg>" }
