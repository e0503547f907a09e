/* SPDX-License-Identifier: ISC */
/*
 * Hosts of a Calico network for OpenStack: Ubuntu or CentOS machines with packages from a mirror,
 * members of an etcd cluster, Felix and the DHCP agent, neutron-server, and workloads to ping.
 */
#ifndef LAB_CALICO_H
#define LAB_CALICO_H

#include "lab/command.h"
#include "lab/device.h"

enum { FELIX_PID = 901 };

/* what a host does; a proxy of etcd holds no vote */
enum { PART_ETCD = 1, PART_COMPUTE = 2, PART_CONTROL = 4, PART_PROXY = 8 };

/* A package as the mirror has it before and after; "%s" is the version of Calico. */
struct package_row {
	const char *name;
	bool redhat;
	int parts;           /* hosts that have it */
	const char *old, *new; /* old NULL: only pulled in by others; new NULL: as old */
	const char *v2;      /* old and new of a cluster with the API v2, a blank between; NULL */
	const char *needs;   /* pulled in when its new version is installed; NULL */
	const char *conffile;
	int service; /* what it brings; -1: nothing */
	bool restarts; /* its maintainer script restarts that service */
	bool extra;  /* it has to be asked for: not there before */
};
extern const struct package_row package_rows[];
extern const size_t package_count;

enum package_state { PACKAGE_NONE, PACKAGE_UNPACKED, PACKAGE_INSTALLED };
struct package {
	const struct package_row *row;
	char version[64];
	char other[64]; /* rpm: the old version, that a crashed transaction has left beside; or empty */
	enum package_state state;
};

struct process { /* one that can run on a binary that is not there any more */
	int pid;
	const char *name;
	bool deleted;
};

struct calico { /* one host */
	bool redhat, lists_fresh, fetched, foreign_dhcp;
	int parts;
	VEC(struct package) packages;
	VEC(struct process) processes; /* dnsmasq, etcd */
	int64_t lock_until;  /* somebody else holds the lock of the packages; 0: nobody has yet */
	char etcd_runs[24];  /* version of the server that runs */
	bool etcd_was, neutron_was, forwards_was;
	int64_t felix_stopped, dark_until;
	int transaction; /* of yum */
	uint64_t member_id;
	char workload[24], tap[20];
	char felix_name[64]; /* under which Felix reports: of its environment, its file, or the host's */
};

struct calico_net { /* what the hosts make together */
	char cluster_version[8];
	int leader;         /* device; -1: none */
	int64_t votes_until; /* an election goes on */
	bool writes, api, started;
	int64_t refused_since, api_since;
};

/* The version of Calico that the mirror carries beside the one that is installed at the start. */
void calico_newest(const struct lab *lab, char out[32]);
bool calico_v2(const struct lab *lab); /* the cluster is one with the API v2 */

/* --- calico_repo.c: packages --------------------------------------------------------------------- */
struct package *package_get(struct device *dev, const char *name); /* NULL: not of this system */
/* What the mirror (as far as its lists were read) has: new or old version. */
void package_candidate(struct device *dev, const struct package_row *row, char out[64]);
void package_old(struct device *dev, const struct package_row *row, char out[64]);
int package_service(const struct device *dev, const struct package_row *row); /* -1: none */
/* Unpack and configure one, with its log events and what its scripts do. */
void package_put(struct device *dev, struct package *p, const char *version, bool scripts);
void package_gone(struct package *p);
bool package_exact(const struct package_row *row); /* it needs networking-calico of its own version */
void packages_init(struct device *dev);
/* Another process has the lock now: its id and name; 0: nobody. */
int package_lock(struct device *dev, const char **name);

/* --- calico_etcd.c ------------------------------------------------------------------------------- */
struct device *etcd_member(struct lab *lab, size_t i); /* the device, if it is a member; NULL */
int etcd_number(const char *version);                  /* 3.4.23: 304 */
void etcd_installed(struct device *dev, char out[24]); /* version of the package; empty: none */
bool etcd_healthy(struct device *dev);
bool etcd_may_start(struct device *dev, struct blob *err);
void etcd_update(struct lab *lab);
/* Where its data are: not what a server takes that is told nothing, but as the distributions have it. */
const char *etcd_data(const struct device *dev);

/* calico_etcdctl.c has the commands. */

/* --- calico.c ------------------------------------------------------------------------------------ */

bool calico_may_start(struct device *dev, int service, struct blob *err);
void calico_started(struct device *dev, int service);
void calico_stopped(struct device *dev, int service);
void calico_update(struct lab *lab); /* after each change: who is up, writes, the API */
bool calico_forwards(struct device *dev); /* packets reach the workloads of this host */
bool felix_alive(struct device *dev);     /* as neutron sees it */
void calico_binary_gone(struct device *dev, const char *name);

#endif
