/* Dropbear in the rescue image: where it differs from the options that it comes with. */

/* The keys of the box are made at each start, in RAM. */
#define DROPBEAR_DELAY_HOSTKEY 1
#define DROPBEAR_RSA 0
#define DROPBEAR_DSS 0
#define DROPBEAR_ECDSA 0

/* Nobody forwards anything through a box that is being rescued. */
#define DROPBEAR_X11FWD 0
#define DROPBEAR_SVR_AGENTFWD 0
#define DROPBEAR_SVR_LOCALTCPFWD 0
#define DROPBEAR_SVR_REMOTETCPFWD 0
#define DROPBEAR_SVR_LOCALSTREAMFWD 0

/* No mail, no message of the day. */
#define DO_MOTD 0

#define DROPBEAR_PATH_SSH_PROGRAM "/usr/bin/dbclient"
#define DEFAULT_ROOT_PATH "/sbin:/usr/sbin:/bin:/usr/bin"
