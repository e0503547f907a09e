# SPDX-License-Identifier: ISC
# A catalogue (.po) in which every text is its own translation, with all its letters changed into
# others of the same width: what is on a screen in plain letters has not been translated. Places
# for values stay (%s, ${name}).
BEGIN {
	split("a b c d e f g h i j k l m n o p q r s t u v w x y z", plain, " ")
	split("å ƀ ç đ é ƒ ğ ħ í ĵ ķ ł ṁ ñ ø þ ʠ ř š ŧ ü ṽ ŵ ẋ ý ž", other, " ")
	split("Å Ɓ Ç Đ É Ƒ Ğ Ħ Í Ĵ Ķ Ł Ṁ Ñ Ø Þ Ɋ Ř Š Ŧ Ü Ṽ Ŵ Ẋ Ý Ž", capital, " ")
	for (i = 1; i <= 26; i++) {
		to[plain[i]] = other[i]
		to[toupper(plain[i])] = capital[i]
	}
}
function changed(text,    out, c) {
	for (out = ""; text != ""; ) {
		if (match(text, /^(\\.|%[-+ #0]*[0-9$]*\*?(\.[0-9]*\*?)?(<PRI[a-zA-Z0-9]*>|[hlzjt]*[a-zA-Z%])|\$\{[^}]*\})/)) {
			out = out substr(text, 1, RLENGTH)
			text = substr(text, RLENGTH + 1)
		} else {
			c = substr(text, 1, 1)
			out = out (c in to ? to[c] : c)
			text = substr(text, 2)
		}
	}
	return out
}
/^msgid ""$/ && !head { head = 1; skip = 1 }
/^$/ { skip = 0 }
/^msg(id|ctxt)/ { on = 0 }
/^msgstr/ { on = !skip }
on && match($0, /"/) {
	at = RSTART
	print substr($0, 1, at) changed(substr($0, at + 1, length($0) - at - 1)) "\""
	next
}
{ print }
