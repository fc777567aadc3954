/* Dropbear in the rescue image: where it differs from the options that it comes with. */

/* The keys of the box are made at each start, in RAM. */
#define DROPBEAR_DELAY_HOSTKEY 1
#define DROPBEAR_DSS 0

/* Nobody forwards anything through a box that is being rescued. TCP forwarding is switched off when dropbear is started
   (network/ssh_server.cpp), by options that only exist when it is compiled in. */
#define DROPBEAR_X11FWD 0
#define DROPBEAR_SVR_AGENTFWD 0
#define DROPBEAR_SVR_LOCALSTREAMFWD 0

/* The greeting of mode 5. */
#define DO_MOTD 1
#define MOTD_FILENAME "/run/mox-rescue/motd"

#define DROPBEAR_PATH_SSH_PROGRAM "/usr/bin/dbclient"
#define DEFAULT_ROOT_PATH "/sbin:/usr/sbin:/bin:/usr/bin"
