/* SPDX-License-Identifier: ISC */
/*
 * One simulated switch, and the lab as its files see it. Only files of this folder include this;
 * everybody else has lab.h.
 */
#ifndef LAB_DEVICE_H
#define LAB_DEVICE_H

#include "lab/fiber.h"
#include "lab/lab.h"
#include "lab/proc.h"
#include "lab/vfs.h"

#include "base/vec.h"

struct device;

enum phase { PHASE_UP, PHASE_STOPPING, PHASE_DOWN, PHASE_ONIE, PHASE_BOOTING, PHASE_DEAD };

/* --- tables ----------------------------------------------------------------------------------- */
struct sh;
struct command;
struct junos;
struct calico;
struct calico_net;
struct member;
struct cluster;
struct platform;

/* An operating system: what a device does at boot and with what it is sent. */
struct system {
	const char *name, *user; /* user: who logs in */
	const char *family;      /* one name, several kinds of it: debian, redhat; NULL: one only */
	const char *port;        /* what the names of front ports begin with */
	const char *group;       /* what two devices with the same hosts are: mlag, esi */
	bool pair;               /* and never more than two */
	bool cables;             /* its front ports have cables to other devices */
	struct {                 /* milliseconds of lab time */
		int64_t stops;   /* from `reboot` until connections are cut */
		int64_t stopping, firmware, booting;
	} times;
	int (*run)(struct sh *sh, const char *command); /* a command line: its exit status */
	const char *session; /* what a terminal runs; NULL: a shell whose lines are commands */
	void (*install)(struct device *dev, const char *version); /* as it leaves the factory */
	void (*configure)(struct device *dev); /* the configuration of a fabric that runs */
	void (*kernel)(struct device *dev);    /* the kernel starts; NULL: nothing to do */
	void (*start)(struct device *dev);     /* it is up: services start */
	void (*stopped)(struct device *dev);   /* it is gone; NULL: nobody has to know */
	void (*advance)(struct device *dev);   /* what is due by time; NULL: nothing is */
	int64_t (*next)(const struct device *dev); /* when that is, -1: never; NULL: never */
	void (*close)(struct device *dev); /* the lab goes away: last verdicts; NULL: none */
	void (*end)(struct device *dev);   /* NULL: nothing to free */
	/* An image of so many bytes for this hardware, and what its file is called ("%s": version,
	 * the platform's image and arch); NULL: it has no images, its packages come from a mirror. */
	void (*make_image)(struct str *out, const char *version, const struct platform *p,
			   size_t size);
	char *(*image_name)(const char *version, const struct platform *p); /* new */
	bool packages; /* agents that are installed beside it */
	const struct command *const *commands; /* families, ends with NULL; NULL: the usual ones */
};
extern const struct system cumulus_system, junos_system, srx_system, ubuntu_system, calico_system,
    calico_el_system;

struct platform {           /* hardware: rows in factory.c */
	const char *name;   /* as in lab_options */
	const char *asic;   /* vendor as people say it: VX, Broadcom, Mellanox */
	const char *image;  /* vx, bcm, mlx, mlnx: the part of an image's name */
	const char *arch;   /* amd64 */
	const char *detect; /* platform-detect */
	const char *vendor, *product, *asic_text, *cpu, *onie_platform;
	int ports;
	const struct system *system;
};
const struct platform *platform_find(const char *name); /* by name or ASIC, any case; NULL */
int platform_unknown(const char *name, struct err *e);  /* -1: e names those that there are */
/* The hardware of a system that this word means (its name, ASIC, product or what its system calls
 * itself, any case); NULL for the word: the usual one. NULL: there is none. */
const struct platform *platform_of(const char *system, const char *word);

struct release { /* what differs by version: rows in factory.c */
	int major;
	const char *iproute, *frr_prefix_key, *os_id, *kernel, *agent_suffix, *default_password;
	bool ip_json, licence, nclu;
	int init_delay_s;
};
const struct release *release_of(const char *version);
#define AGENT_RUNS "3.3.0" /* the NetQ packages that a device comes with, and newer ones */
#define AGENT_NEW  "3.3.1"

enum service_id {
	SERVICE_SSH,
	SERVICE_SWITCHD,
	SERVICE_FRR,
	SERVICE_CLAGD,
	SERVICE_LLDPD,
	SERVICE_NTP,
	SERVICE_NETWORKING,
	SERVICE_NETQ,
	SERVICE_ZTP,
	SERVICE_NETD,
	SERVICE_ETCD, /* from here on: of hosts */
	SERVICE_FELIX,
	SERVICE_DHCP,
	SERVICE_NEUTRON_DHCP,
	SERVICE_NEUTRON,
	SERVICE_NOVA,
	SERVICE_BIRD,
	SERVICES
};
struct service_row {
	const char *unit, *alias, *description;
	int start_ms; /* from start (or boot) to active */
};
extern const struct service_row service_rows[SERVICES];

/* --- state ------------------------------------------------------------------------------------ */
struct service {
	bool running, enabled, failed, missing;
	int64_t since; /* when it became (or becomes) active, or stopped */
	int restarts;
};

enum port_kind { PORT_ETH0, PORT_LO, PORT_SWP, PORT_BOND, PORT_BRIDGE, PORT_VLAN };
struct port {
	char name[16];
	enum port_kind kind;
	bool configured; /* the interfaces file as applied names it */
	bool admin;      /* up as far as we are concerned */
	bool oper;       /* as of the last links_update() */
	bool proto_down;
	int64_t oper_since;
	int bond; /* index of the bond it is a slave of, -1 */
	int clag_id;
	bool bridged; /* one of the bridge-ports */
	int vlan_of; /* PORT_VLAN: index of the parent, -1 */
	char address[64], mac[18];
	/* the other end of the cable: a device, or "host" (always up), or nothing */
	int peer, peer_port; /* -1 */
	bool host;
	bool bgp; /* frr.conf as applied has a neighbour here */
	/* Traffic, received [0] and sent [1]: bytes until `since`, then old_rate for as long as it
	 * takes to drain, then rate (bytes a second). */
	double bytes[2], rate[2], old_rate[2];
	double cleared[2]; /* what cl-netstat -c took as its new zero */
	int64_t traffic_since, drained_at;
};

struct mlag_config { /* of the interfaces file as applied */
	bool configured;
	char peer_ip[48], backup_ip[48], sys_mac[18];
	int priority;
};

struct unit { /* transient: systemd-run */
	char *name, *command;
	struct proc *proc; /* NULL once it has ended */
	struct blob *journal;
	int status;
	bool failed, remain, oom;
	int64_t started, ended;
};

struct fault {
	const struct fault_row *row;
	int device; /* -1: all */
	char *arg;
	const char *moment; /* "" start */
	int left;           /* -1: for ever */
	bool armed;
	bool *told; /* by device: the log says that it came about there; NULL: nowhere yet */
	int turns; /* times it was asked for: fault_turn() */
	VEC(char *) met; /* commands, each as often as it came: fault_meets() */
	int64_t armed_at;
};

struct device {
	struct lab *lab;
	int index, peer;
	char *name, *address, *role, *group;
	const char *tags; /* words, a blank between; NULL: none */
	bool scenery;     /* only there for the others: nobody upgrades it */
	const struct platform *platform;
	const struct release *release;
	char *version, *image_version;
	uint64_t random;
	int64_t disk; /* its bytes before a fault made it small; 0: as they are */
	unsigned key_generation, connection_gen;
	char boot_id[40], serial[24], mac[18];
	char *hostname;
	char *host_key,
	    *host_public_key; /* what sshd shows; loaded from the files when it starts */

	enum phase phase;
	int64_t phase_until; /* -1: for ever */
	int64_t booted_at, up_at;
	bool install_pending, fresh; /* fresh: this boot is the first after an install */
	bool power_reset;            /* no clean stop was announced to the neighbours */

	struct vfs vfs;
	VEC(struct port) ports;
	struct service services[SERVICES];
	VEC(struct unit *) units;
	struct mlag_config mlag;
	int mlag_priority;       /* -1: as configured */
	int64_t mlag_peer_since; /* -1 not alive */
	bool mlag_released;      /* its bonds may be up */
	bool bgp_configured, bgp_graceful_shutdown, bgp_admin_shutdown;
	int64_t bgp_changed;
	int bgp_as;
	struct proc *ztp, *installer, *apt; /* who holds what; NULL nobody */
	bool serving, isolated, pair_down;
	struct junos *junos; /* NULL on another system */
	struct calico *calico; /* a host of a Calico network; NULL elsewhere */
	struct member *member; /* of a MicroCloud; NULL elsewhere */
	struct cluster *cluster; /* of two nodes; NULL: it is in none */
	int node;                /* which of them it is */
	bool firewall; /* its cables are bonds of access ports, none is routed */
};

struct link {
	int a, b, a_port, b_port;
};

struct lab {
	struct lab_options options;
	int64_t now;
	uint64_t random;
	VEC(struct device *) devices;
	VEC(struct link) links;
	VEC(struct fault) faults;
	VEC(struct proc *) procs;
	VEC(char *) interned;
	struct calico_net *calico; /* NULL: no such hosts */
	struct fiber_pool *pool;
	char *operator_key, *operator_public, *password;
	int next_pid;
	bool dirty; /* something changed that links_update() must look at */
	int64_t links_due;
	uint64_t changes; /* how often links_update() had to look */
};

bool lab_version_ok(const char *v);
const char *lab_intern(struct lab *lab, const char *text);
void lab_log(struct lab *lab, const struct device *dev, const char *event, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
uint64_t lab_random(uint64_t *state);
int64_t lab_jitter(struct device *dev, int64_t ms); /* 0 .. ms-1 */

/* --- device.c: power and boot ----------------------------------------------------------------- */
void device_reboot(struct device *dev, const char *why);
void device_power_cycle(struct device *dev); /* one that does not come back by itself */
void device_advance(struct device *dev);
int64_t device_next(const struct device *dev);
void device_boot_now(struct device *dev); /* straight to up and ready: the start of the lab */
bool device_up(const struct device *dev);
void device_free(struct device *dev);
bool pseudo_read(struct device *dev, const char *path, struct str *out);  /* /proc and /sys */
bool pseudo_list(struct device *dev, const char *dir, struct str *names); /* one a line */

/* --- factory.c, config.c: files --------------------------------------------------------------- */
void factory_install(struct device *dev, const char *version);
void factory_users(struct device *dev, bool expired);
void config_write(struct device *dev); /* what the running fabric has configured */
void config_apply_interfaces(struct device *dev, bool at_boot);
void config_apply_frr(struct device *dev);
int port_add(struct device *dev, const char *name, enum port_kind kind);
void machine_id_write(struct device *dev); /* of the serial number: ubuntu.c */
bool licence_ok(struct device *dev);
void licence_write(struct device *dev);

/* --- service.c -------------------------------------------------------------------------------- */
/* The unit of a service: since 4.0 there is a VRF for management, and what runs in it is an instance. */
const char *service_unit(const struct device *dev, enum service_id id);
int service_find(const struct device *dev, const char *name); /* -1 */
bool service_here(const struct device *dev, int id); /* is it one of its system? */
/* Is it running and past its starting time? */
bool service_active(const struct device *dev, enum service_id id);
/* 0, or the exit status of systemctl; what it would print goes to err. */
int service_start(struct device *dev, enum service_id id, struct blob *err);
void service_stop(struct device *dev, enum service_id id);
void services_boot(struct device *dev);

/* --- links.c: what neighbours see ------------------------------------------------------------- */
void links_update(struct lab *lab); /* everything that follows from both ends; after each change */
int64_t links_next(const struct lab *lab);
int port_find(const struct device *dev, const char *name);
bool lldp_sees(const struct device *dev, const struct port *port);
bool bgp_established(const struct device *dev, const struct port *port);
bool bgp_neighbour(const struct device *dev, const struct port *port);
int64_t bgp_since(const struct device *dev, const struct port *port);
int bgp_prefixes(const struct device *dev, const struct port *port);
bool mlag_peer_alive(const struct device *dev);
bool mlag_backup_active(const struct device *dev);
int mlag_priority(const struct device *dev);
bool mlag_is_primary(const struct device *dev);
bool peerlink_up(const struct device *dev);
/* What of this bond the peer has up too. */
bool mlag_dual(const struct device *dev, const struct port *bond);
void links_settle(struct lab *lab); /* the start: everything has been up for long */
/* Bytes received (0) or sent (1) so far. */
double port_bytes(const struct lab *lab, const struct port *port, int direction);
void traffic_update(struct lab *lab); /* after links_update found a change */

/* --- account.c -------------------------------------------------------------------------------- */
char *account_hash(const char *password);                    /* new */
int account_uid(const struct device *dev, const char *user); /* -1: no such user */
char *account_home(const struct device *dev, const char *user);
bool account_password_ok(const struct device *dev, const char *user, const char *password);
/* Change fields of the shadow line: NULL hash or last_change -1 leave them. false: no such user. */
bool account_set(struct device *dev, const char *user, const char *hash, long last_change);
bool account_sudo(const struct device *dev, const char *user, bool *needs_password);

/* --- hostkey.c -------------------------------------------------------------------------------- */
void key_make(uint64_t seed, unsigned generation, const char *comment, char **private_text,
	      char **public_line);
void hostkey_write(struct device *dev);         /* new ones into /etc/ssh */
void hostkey_load(struct device *dev);          /* sshd starts: what the files say */
char *key_fingerprint(const char *public_line); /* "SHA256:..." new */

/* --- fault.c ---------------------------------------------------------------------------------- */
/* The fault if it is in force now (and counts one use when `use`). */
struct fault *fault_get(struct device *dev, const char *name, bool use);
bool fault_on(struct device *dev, const char *name);
bool fault_fire(struct device *dev, const char *name);
/* The next fault of this name whose ARG is a pattern that the text matches. */
int fault_turn(struct device *dev, const char *name); /* 1, 2, ...; 0: it is not in force */
bool fault_of_port(const struct device *dev, const char *name, const struct port *p);
struct fault *fault_match(struct device *dev, const char *name, const char *text);
/* How often this command has come now, to all devices of the fault together, since the first one that
 * ARG (a pattern) matches: 1, 2, 3 (and more). 0: no such fault is in force, or that has not come yet. */
int fault_meets(struct device *dev, const char *name, const char *text);
void fault_moment(struct device *dev, const char *moment);
void fault_release(struct fault *f);
void fault_apply(struct device *dev); /* those that change files or state when they arm */

#endif
