/* SPDX-License-Identifier: ISC */
/* Which secrets are taken out of texts that leave the machine, and what has to stay readable. */
#include "help.h"

#include "model/redact.h"

#define SECRET "geheim-aB3x"
#define BASE64 "AQgeheimBBBBCCCCDDDDEEEEFFFFGGGGHHHHIIII=="
#define JWT    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJnZWhlaW0ifQ.geheimZ_-abc"

/* A text, and what took the place of its only secret. */
static const struct {
	const char *before, *secret, *after, *what;
} rows[] = {
    /* password hashes */
    {"x:", "$6$geheim$0123456789", ":1", "password hash"},
    {"anna:", "$y$j9T$geheim/x$01234567.9", ":19000:0:99999:7:::", "password hash"},
    {"anna:", "geheimgeheimA1", ":19000:0:99999:7:::", "password hash"},
    {"encrypted-password \"", "$6$geheim$abcdefgh", "\"; ## SECRET-DATA", "password hash"},
    {"secret \"", "$9$geheim-./abc", "\"; ## SECRET-DATA", "password hash"},
    {"authentication-key \"", "$9$geheim-./abc", "\";", "password hash"},
    {"neighbor 10.0.0.1 password 7 ", "$9$geheim-./abc", "", "password hash"},
    {"isis password clear ", "$1$geheim-./abc", "", "password hash"},
    {"ip ospf message-digest-key 1 md5 ", "$9$geheim-./abc", "", "password hash"},
    /* keys as files */
    {"-----BEGIN RSA PRIVATE KEY-----", "\nMIIgeheim\n", "", "private key"},
    {"-----BEGIN PRIVATE KEY-----", "\nMIIgeheim+/=\nA\n", "-----END PRIVATE KEY-----\nnext",
     "private key"},
    {"{\"key\":\"-----BEGIN OPENSSH PRIVATE KEY-----", "\\nb3geheim\\nA==\\n",
     "-----END OPENSSH PRIVATE KEY-----\\n\"}", "private key"},
    {"{\"key\":\"-----BEGIN EC PRIVATE KEY-----", "\\nb3geheim\\nA==", "\"}", "private key"},
    {"", "MIIgeheimAAAAAAAABBBBBBBB\nAAAABBBB+/CCCCDDDD==\n", "-----END RSA PRIVATE KEY-----",
     "private key"},
    {"PrivateKey = ", "geheimAAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJ=", "", "private key"},
    /* tokens */
    {"joined with ", JWT, " today", "token"},
    {"X-Auth-Token: ", SECRET, "", "token"},
    {"lxc cluster join ", "eyJzZXJ2ZXJfbmFtZSI6ImdlaGVpbSIsImZpbmdlcnByaW50IjoiZ2VoZWltIn0=",
     "", "token"},
    {"hitless --token=", SECRET, " x", "token"},
    {"echo --join-token ", SECRET, " x", "secret"},
    /* URLs and headers */
    {"https://u:", SECRET, "@h/", "password"},
    {"transport_url = rabbit://openstack:", "geheim/x@y", "@10.0.0.1:5672", "password"},
    {"rabbit://10.0.0.1:5672,openstack:", SECRET, "@10.0.0.2:5672/vh", "password"},
    {"connection = mysql+pymysql://nova:", SECRET, "@db/nova", "password"},
    {"Authorization: Bearer ", SECRET, "", "login"},
    {"-H 'Authorization: Basic ", SECRET, "' x", "login"},
    {"Set-Cookie: ", "sid=geheim; Path=/", "", "login"},
    /* name and value */
    {"password: ", SECRET, "", "password"},
    {"nopassword: ", SECRET, "", "password"},
    {"nopasswd=", SECRET, "", "password"},
    {"NOPASSWD: ALL, password: ", SECRET, "", "password"},
    {"export OS_PASSWORD=", SECRET, "", "password"},
    {"export OS_PASSWORD='", "geheim und lang", "'", "password"},
    {"admin_password = ", SECRET, "", "password"},
    {"{\"password\": \"", "geheim \\\"und\\\" lang", "\", \"user\": \"anna\"}", "password"},
    {"{\\\"password\\\": \\\"", "geheim", "\\\", \\\"user\\\": \\\"anna\\\"}", "password"},
    {"config: {core.trust_password: ", SECRET, ", core.https_address: ':8443'}", "password"},
    {"auth-password: ", SECRET, "", "password"},
    {"bindpw ", SECRET, "", "password"},
    {"bindpw=", SECRET, "", "password"},
    {"RABBIT_PASS=", SECRET, "", "password"},
    {"SSHPASS=", SECRET, " sshpass -e ssh x", "password"},
    {"MYSQL_PWD=", SECRET, " mysql", "password"},
    {"metadata_proxy_shared_secret = ", SECRET, "", "secret"},
    {"AWS_SECRET_ACCESS_KEY=", SECRET, "", "key"},
    {"X-Api-Key: ", SECRET, "", "key"},
    {"[client.admin]\n\tkey = ", BASE64, "\n\tcaps mon = \"allow *\"", "key"},
    {"{\"entity\":\"client.admin\",\"key\":\"", BASE64, "\"}", "key"},
    {"RABBITMQ_ERLANG_COOKIE=", SECRET, "", "secret"},
    {"wpa_passphrase=", SECRET, "", "passphrase"},
    {"psk=\"", "geheim und lang", "\"", "key"},
    {"readonly-community:\n  ", SECRET, "", "SNMP community"},
    /* given to a command */
    {"curl -u anna:", SECRET, " https://h/", "password"},
    {"curl -sk --user 'anna:", "geheim $x", "' https://h/", "password"},
    {"etcdctl --user root:", SECRET, " member list", "password"},
    {"ETCDCTL_USER=root:", SECRET, "", "password"},
    {"tool --password ", SECRET, " x", "password"},
    {"tool --password=", SECRET, " x", "password"},
    {"openstack --os-password ", SECRET, " server list", "secret"},
    {"sshpass -p ", SECRET, " ssh x", "password"},
    {"sshpass -p'", SECRET, "' ssh x", "password"},
    {"mysql -u root -p", SECRET, " nova", "password"},
    {"ipmitool -H h -U root -P ", SECRET, " power", "password"},
    {"ldapsearch -x -D cn=a -w ", SECRET, " uid=b", "password"},
    {"redis-cli -a ", SECRET, " ping", "password"},
    {"rabbitmqctl change_password nova ", SECRET, "", "password"},
    {"echo 'anna:", SECRET, "' | sudo chpasswd", "password"},
    {"echo ", SECRET, " | sudo passwd --stdin anna", "password"},
    {"openssl rsa -in k -passin pass:", SECRET, " -out l", "password"},
    {"snmpwalk -v2c -c ", SECRET, " 10.0.0.1 sysDescr", "SNMP community"},
    {"snmpget -v3 -u u -A ", SECRET, " 10.0.0.1", "SNMP password"},
    {"snmpget -v3 -u u -x AES -X ", SECRET, " 10.0.0.1", "SNMP password"},
    /* SNMP */
    {"rocommunity ", SECRET, " 10.0.0.0/8", "SNMP community"},
    {"rwcommunity6 \"", SECRET, "\"", "SNMP community"},
    {"trapsink 10.0.0.1 ", SECRET, " 162", "SNMP community"},
    {"trap2sink 10.0.0.1 ", SECRET, "", "SNMP community"},
    {"trapcommunity ", SECRET, "", "SNMP community"},
    {"com2sec notConfigUser default ", SECRET, "", "SNMP community"},
    {"createUser anna SHA ", "geheim AES geheim2", "", "SNMP password"},
    {"net add snmp-server username a auth-sha ", SECRET, "", "SNMP password"},
    {"net add snmp-server username a encrypt-aes ", SECRET, "", "SNMP password"},
    {"nv set service snmp-server readonly-community ", SECRET, " access any", "SNMP community"},
    {"set snmp community ", SECRET, " authorization read-only", "SNMP community"},
    {"snmp {\n    community ", SECRET, " {\n        authorization read-only;\n", "SNMP community"},
    {"snmp {\n    community ", SECRET, ";\n}", "SNMP community"},
    {"snmp {\n    community \"", "geheim lang", "\" {\n", "SNMP community"},
    /* configuration */
    {"neighbor swp1 password ", SECRET, "", "password"},
    {" neighbor 1.2.3.4 password ", SECRET, "", "password"},
    {"-  no neighbor 1.2.3.4 password ", SECRET, "", "password"},
    {" isis password clear ", SECRET, "", "password"},
    {" isis password md5 ", SECRET, "", "password"},
    {" area-password md5 ", SECRET, "", "password"},
    {" area-password clear ", SECRET, " authenticate snp validate", "password"},
    {" domain-password md5 ", SECRET, "", "password"},
    {"password ", SECRET, "", "password"},
    {"enable password 8 ", SECRET, "", "password"},
    {"username a password 7 ", SECRET, "", "password"},
    {"nv set system aaa user a password '", "geheim $x", "'", "password"},
    {"nv set service snmp-server username a auth-password ", SECRET, "", "password"},
    {"lxc config set core.trust_password ", SECRET, "", "password"},
    {"machine h login anna password ", SECRET, "", "password"},
    {"authentication-password \"", SECRET, "\";", "password"},
    {"encrypted-password \"", "geheimA1.bcde", "\";", "password"},
    {"set system login user a authentication plain-text-password-value \"", "geheim x", "\"",
     "password"},
    {"radius-server 10.0.0.1 secret \"", SECRET, "\";", "secret"},
    {"set system radius-server 10.0.0.1 secret ", SECRET, "", "secret"},
    {"        secret \"", SECRET, "\";", "secret"},
    {"nv set system aaa tacacs server 1 secret '", SECRET, "'", "secret"},
    {"tacacs-server key 7 ", SECRET, "", "key"},
    {"  key-string ", SECRET, "", "key"},
    {"  key-string 7 ", SECRET, "", "key"},
    {" ip ospf authentication-key ", SECRET, "", "key"},
    {" ip ospf message-digest-key 1 md5 ", SECRET, "", "key"},
    {" ip rip authentication string ", SECRET, "", "key"},
    {"authentication-key \"", SECRET, "\";", "key"},
    {"ntp authentication-key 1 md5 ", SECRET, "", "key"},
    {"set system ntp authentication-key 1 type md5 value \"", SECRET, "\"", "key"},
    {"pre-shared-key ascii-text \"", SECRET, "\";", "key"},
    {"pre-shared-key hexadecimal ", SECRET, ";", "key"},
    {"md5 1 key \"", SECRET, "\";", "key"},
    {"1 MD5 ", SECRET, " # ntp", "key"},
    {"anna@example.org|", "geheim0123456789", "", "licence key"},
};

static const char *const readable[] = {
    "password-authentication no",
    "PasswordAuthentication no",
    "no community",
    "bgp community 65000:1",
    "  bgp community alias 65000:1 blackhole",
    "ip community-list standard GOLD permit 65000:100",
    "bgp community-list expanded GOLD seq 5 permit 65000:.*",
    "route-map OUT permit 10\n set community 65000:100",
    "set community 65000:1 additive",
    "set community no-export",
    "neighbor swp1 send-community",
    "snmp-server listening-address 10.0.0.1\nneighbor swp1 send-community both",
    "set policy-options community GOLD members 65000:100",
    "community GOLD members 65000:100;",
    "community GOLD {\n    invert-match;",
    "then {\n    community add GOLD;",
    "community set GOLD;",
    "sudo: a password is required",
    "Password expired",
    "password authentication",
    "Price: $5 or $6",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA joe@host",
    "token ring",
    "tokenize: everything-there-is",
    "a broken token, and tokens",
    "anna may not become root without a password: sudo asks",
    "anna ALL=(ALL) NOPASSWD: ALL. Then retry it.",
    "key chain ISIS\n key 1",
    "PWD=/root",
    "curl -X POST -d '{\\\"name\\\":\\\"\\\",\\\"password\\\":\\\"\\\"}'",
    "{\"password\":\"\",\"user\":\"anna\"}",
    "12 pass, 3 fail",
    "tool --password-stdin --password-file /x --secret-id y",
    "tool --no-password root",
    "tool --password --user root",
    "docker run --user 1000:1000 etcd",
    "http://10.0.0.1:8080/path?mail=a@b",
    "curl -u anna https://h:8443/",
    "snmpd -c /etc/snmp/snmpd.conf",
    "-----BEGIN CERTIFICATE-----\nMIIabc\n-----END CERTIFICATE-----",
    "public key: AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJKKK=",
    "10 M free of 20 M",
    "plain-text-password",
};

static bool check(const struct redactor *r, const char *text, const char *clean, size_t many)
{
	size_t n = 0;
	char *is = redact(r, text, &n);
	bool good = str_eq(is, clean) && n == many;
	if (!good)
		print_error("%s\nbecomes (%zu taken out)\n%s\nnot\n%s\n", text, n, is, clean);
	free(is);
	return good;
}

static void secrets_go(void **state)
{
	const struct redactor *r = *state;
	size_t bad = 0;
	for (size_t i = 0; i < LEN(rows); i++) {
		char *text = xasprintf("%s%s%s", rows[i].before, rows[i].secret, rows[i].after);
		char *clean = rows[i].what ? xasprintf("%s[removed: %s]%s", rows[i].before,
						       rows[i].what, rows[i].after)
					   : xstrdup(text);
		bad += !check(r, text, clean, rows[i].what != NULL);
		bad += !check(r, clean, clean, 0); /* once is enough */
		free(text);
		free(clean);
	}
	assert_int_equal(bad, 0);
}

static void the_rest_stays(void **state)
{
	size_t bad = 0;
	for (size_t i = 0; i < LEN(readable); i++)
		bad += !check(*state, readable[i], readable[i], 0);
	assert_int_equal(bad, 0);
}

static void several(void **state)
{
	bool good = check(
	    *state, "snmpget -A geheim1 -X geheim2 h\npassword geheim3\npassword 7 geheim4",
	      "snmpget -A [removed: SNMP password] -X [removed: SNMP password] h\n"
	      "password [removed: password]\npassword 7 [removed: password]",
	      4);
	good &= check(
	    *state, "rabbit://a:geheim1@h:1,b:geheim2@h:2,c:geheim3@h:3/",
	      "rabbit://a:[removed: password]@h:1,b:[removed: password]@h:2,"
	      "c:[removed: password]@h:3/",
	      3);
	good &= check(*state, "password=x$6$geheim1$0123456789", "password=[removed: password]", 2);
	assert_true(good);
}

static void members(void **state)
{
	cJSON *o = tree("{'facts':{'bind_password':'geheim','os':'5.1','token':'ring'},"
			"'out':'password geheim','list':[{'password':'ge heim, sehr'},'geheim']}");
	size_t n = 0;
	redact_json(*state, o, &n);
	char *text = cJSON_PrintUnformatted(o);
	char *clean = quoted("{'facts':{'bind_password':'[removed: password]','os':'5.1',"
			     "'token':'ring'},'out':'password [removed: password]',"
			     "'list':[{'password':'[removed: password]'},'geheim']}");
	assert_string_equal(text, clean);
	assert_int_equal(n, 3);
	free(clean);
	free(text);
	cJSON_Delete(o);
}

static int setup(void **state)
{
	struct err e = {0};
	*state = redactor_new(&e);
	if (!*state)
		print_error("%s\n", e.text);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	redactor_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(secrets_go),
	    cmocka_unit_test(the_rest_stays),
	    cmocka_unit_test(several),
	    cmocka_unit_test(members),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
