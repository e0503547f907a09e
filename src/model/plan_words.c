/* SPDX-License-Identifier: ISC */
/* The fingerprint of a plan as words: two people can tell each other five words over a telephone.
 */
#include "config.h"

#include "model/plan.h"

#include "model/digest.h"
#include "model/json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 5

/* One for each value of a byte. */
static const char *const words[256] = {
    "acid",     "actor",    "adult",    "agent",  "album",  "alley",   "amber",   "angle",
    "apple",    "apron",    "arch",     "arena",  "army",   "arrow",   "atlas",   "attic",
    "aunt",     "baby",     "bacon",    "badge",  "bagel",  "baker",   "bamboo",  "banjo",
    "barn",     "basil",    "basket",   "bath",   "beach",  "bean",    "bear",    "bell",
    "belt",     "bench",    "berry",    "bike",   "bird",   "bison",   "blade",   "blanket",
    "boat",     "bolt",     "bone",     "book",   "boot",   "bottle",  "bowl",    "box",
    "brain",    "branch",   "bread",    "brick",  "bride",  "bridge",  "broom",   "brush",
    "bubble",   "bucket",   "bull",     "bus",    "butter", "cabin",   "cable",   "cactus",
    "cake",     "camel",    "camera",   "candle", "canoe",  "canyon",  "captain", "car",
    "card",     "carpet",   "carrot",   "cart",   "castle", "cat",     "cave",    "cello",
    "chain",    "chair",    "chalk",    "cheese", "cherry", "chess",   "chimney", "circus",
    "clay",     "cliff",    "clock",    "cloud",  "clown",  "coach",   "coal",    "coat",
    "cobra",    "coffee",   "coin",     "comet",  "copper", "coral",   "corn",    "cotton",
    "couch",    "cow",      "crab",     "crane",  "crayon", "cricket", "crow",    "crown",
    "cup",      "curtain",  "dagger",   "daisy",  "dance",  "deer",    "desert",  "desk",
    "dice",     "dinner",   "doctor",   "dog",    "doll",   "dolphin", "donkey",  "door",
    "dragon",   "drum",     "duck",     "eagle",  "ear",    "earth",   "egg",     "elbow",
    "elephant", "engine",   "envelope", "eye",    "fabric", "falcon",  "farm",    "feather",
    "fence",    "fern",     "ferry",    "fiddle", "field",  "finger",  "fire",    "fish",
    "flag",     "flame",    "flute",    "fog",    "forest", "fork",    "fossil",  "fox",
    "frog",     "garden",   "garlic",   "gate",   "ghost",  "giant",   "ginger",  "giraffe",
    "glass",    "globe",    "glove",    "goat",   "gold",   "goose",   "grape",   "grass",
    "guitar",   "hammer",   "harbor",   "hat",    "hawk",   "helmet",  "hen",     "hill",
    "honey",    "horn",     "horse",    "hotel",  "house",  "igloo",   "iron",    "island",
    "ivory",    "jacket",   "jar",      "jelly",  "jewel",  "jungle",  "kettle",  "key",
    "king",     "kite",     "kitten",   "knee",   "knife",  "ladder",  "lake",    "lamp",
    "lantern",  "lemon",    "letter",   "lily",   "lion",   "lizard",  "lobster", "lock",
    "log",      "lunch",    "magnet",   "mango",  "maple",  "market",  "mask",    "meadow",
    "medal",    "melon",    "mirror",   "mole",   "monkey", "moon",    "moose",   "moss",
    "moth",     "mountain", "mouse",    "mule",   "museum", "nail",    "nest",    "nickel",
    "noodle",   "oak",      "ocean",    "olive",  "onion",  "orange",  "otter",   "owl",
    "paddle",   "palace",   "panda",    "paper",  "parrot", "peach",   "peanut",  "pearl",
};

/* All that was asked but who, when, and what only this machine knows. */
static char *request_text(const struct job *j)
{
	static const char *const left_out[] = {"created", "operator", "uids"};
	cJSON *tree = job_to_json(j);
	for (size_t i = 0; i < LEN(left_out); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(tree, left_out[i]);
	char *text = json_print(tree, false);
	cJSON_Delete(tree);
	return text;
}

static unsigned nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

char *plan_words(const struct plan *p, const struct job *j)
{
	char hex[DIGEST_HEX];
	struct str out = {0};
	struct digest *d = digest_new();
	char *request = request_text(j);
	digest_add(d, request, strlen(request));
	digest_add(d, p->fingerprint, strlen(p->fingerprint));
	digest_end(d, hex);
	for (size_t i = 0; i < WORDS; i++)
		str_printf(&out, "%s%s", i ? " " : "",
			   words[nibble(hex[2 * i]) * 16 + nibble(hex[2 * i + 1])]);
	free(request);
	return str_take(&out);
}

/* The letters of the next word, small; false: there is none. */
static bool next_word(const char **at, struct str *word)
{
	str_clear(word);
	while (**at && !isalpha((unsigned char)**at))
		++*at;
	for (; isalpha((unsigned char)**at); ++*at)
		str_putc(word, (char)tolower((unsigned char)**at));
	return word->len > 0;
}

bool plan_words_are(const char *wanted, const char *given)
{
	struct str a = {0}, b = {0};
	bool same = wanted && given, more = same;
	while (same && more) {
		more = next_word(&wanted, &a);
		same = next_word(&given, &b) == more && str_eq(str_text(&a), str_text(&b));
	}
	str_release(&a);
	str_release(&b);
	return same;
}
