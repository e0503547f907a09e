/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/image.h"
#include "model/json.h"

#define SHA "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define GOOD                                                                                       \
	"{'id':'image_" SHA "','kind':'os','name':'x-4.2.bin','version':'4.2','platform':'sim',"   \
	"'fits':{'asic':'A','cpu':'x86'},'sha256':'" SHA "' ,'size':5,'path':'/i/x','added':7}"

static struct image good(void)
{
	struct image i;
	struct err e = {0};
	cJSON *root = tree(GOOD);
	if (image_from_json(&i, root, &e) < 0)
		fail_msg("%s", e.text);
	cJSON_Delete(root);
	return i;
}

static void round_trip(void **state)
{
	struct image i = good(), back;
	struct err e = {0};
	cJSON *object = image_to_json(&i);
	(void)state;
	assert_int_equal(image_from_json(&back, object, &e), 0);
	assert_string_equal(back.sha256, SHA);
	assert_string_equal(values_get(&back.fits, "cpu"), "x86");
	assert_int_equal(back.size, 5);
	assert_int_equal(back.added, 7);
	cJSON_Delete(object);
	image_release(&i);
	image_release(&back);
	image_release(&back);
}

static void mistakes(void **state)
{
	static const struct {
		const char *from, *to, *part;
	} rows[] = {
	    {"'x-4.2.bin'", "'../x'", "name: "},
	    {"'x-4.2.bin'", "'-x'", "name: "},
	    {"'image_", "'imago_", "id: "},
	    {"'sha256':'ba", "'sha256':'BA", "sha256: "},
	    {"'sha256':'ba", "'sha256':'", "sha256: "},
	    {"'size':5", "'size':-5", "size: "},
	    {"'size':5,", "", "\"size\" is missing"},
	    {"'kind':'os',", "", "\"kind\" is missing"},
	    {"'added'", "'adder'", "unknown member \"adder\" (did you mean \"added\"?)"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		struct image image;
		char *json = changed(GOOD, rows[i].from, rows[i].to);
		cJSON *root = tree(json);
		if (image_from_json(&image, root, &e) == 0)
			fail_msg("accepted: %s", rows[i].to);
		has(e.text, rows[i].part);
		cJSON_Delete(root);
		free(json);
	}
}

static void match(void **state)
{
	struct images list = {0};
	struct values need = {0};
	(void)state;
	VEC_PUSH(&list, good());
	assert_ptr_equal(images_match(&list, "sim", "os", "4.2", NULL), &list.v[0]);
	values_set(&need, "asic", "A");
	values_set(&need, "train", "B"); /* not stated: fits */
	assert_non_null(images_match(&list, "sim", "os", "4.2", &need));
	values_set(&need, "cpu", "arm");
	assert_null(images_match(&list, "sim", "os", "4.2", &need));
	assert_null(images_match(&list, "sim", "os", "4.3", NULL));
	assert_null(images_match(&list, "sim", "agent", "4.2", NULL));
	assert_null(images_match(&list, "other", "os", "4.2", NULL));
	assert_null(images_insisted(&list, list.v[0].id, "4.2", &need)); /* another cpu */
	values_set(&need, "cpu", NULL);
	assert_ptr_equal(images_insisted(&list, list.v[0].id, "4.2", &need), &list.v[0]);
	assert_null(images_insisted(&list, list.v[0].id, "4.3", &need)); /* changed since */
	assert_null(images_insisted(&list, "image_0", "4.2", &need));
	values_release(&need);
	images_release(&list);
}

/* A value may be a list with wildcards. */
static void lists(void **state)
{
	static const struct {
		const char *list, *text;
		bool fits;
	} rows[] = {
	    {"qfx5120-48y", "qfx5120-48y", true},	 {"qfx5120-48y", "qfx5120-48t", false},
	    {"QFX5120*", "qfx5120-48y", true},		 {"qfx5110*, qfx5120*", "qfx5120-32c", true},
	    {"qfx5110*,qfx5120*", "qfx5130-32c", false}, {"qfx51", "qfx5120", false},
	    {"qfx5120,", "", false},			 {" , ,", "qfx5120", false},
	    {"*", "anything", true},			 {"mlnx,x86", "mlnx,x86", true},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct image image = {0};
		struct values need = {0};
		const char *why = NULL;
		values_set(&image.fits, "model", rows[i].list);
		values_set(&need, "model", rows[i].text);
		values_set(&need, "family", "unstated");
		if (image_fits(&image, &need, &why) != rows[i].fits)
			fail_msg("\"%s\" and \"%s\"", rows[i].list, rows[i].text);
		assert_true(rows[i].fits ? !why : str_eq(why, "model"));
		values_release(&need);
		image_release(&image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trip),
	    cmocka_unit_test(mistakes),
	    cmocka_unit_test(match),
	    cmocka_unit_test(lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
