/** An example of the config file, in which all that may stand there stands. A test keeps it true. */

/** Lines that begin with `#` and no space are TOML: all of them together are a valid file. */
export const EXAMPLE = `# chap's own config file: ~/.config/chap/config.toml
#
# chap start gpu1 -- ./train.sh
#
# A name that has an entry here is that entry; any other goes to ssh as it is, aliases of ~/.ssh/config included.
# The command line wins over [hosts.NAME], and that over [defaults]. env, labels and ssh_options are joined.
# Every option of chap start may stand here, with _ for -. Paths of this machine are relative to this file.

#[hosts.gpu1]
#host = "gpu1.example.org"            # a name or an address for ssh; without it: the entry's name
#user = "me"                          # chap start you@gpu1 wins
#port = 2222                          # chap start gpu1:22 wins
#identity = "~/.ssh/id_gpu"
#password_file = "gpu1.password"      # only one of these three
#password_command = "pass show gpu1"
#ask_password = false
#accept_new = false
#share_connection = true
#jump = "me@gate.example.org"         # as ssh -J
#ssh_config = "~/.ssh/config"         # as ssh -F
#ssh_options = { Compression = "yes", ForwardAgent = "no" }
#cwd = "/srv/work"
#env = { OMP_NUM_THREADS = "8", LANG = "C.UTF-8" }
#labels = { team = "ml" }
#on_disconnect = "keep"               # or "kill"
#plain = false
#lease = "2d"
#keepalive = "15x3"
#connect_timeout = "20s"
#give_up_after = "10m"
#timeout = "8h"
#idle_timeout = "30m"
#max_output = "10G"                   # of its output
#on_max_output = "keep"               # or "kill"
#grace = "10s"
#log_file = "~/jobs.log"
#remote_dir = "/var/tmp/me-chap"
#on_exit = "jq -c . >>ended.jsonl"    # a command line here, when the job has ended
#callback = "https://sched.example.org/jobs/{id}"  # output and end are sent there
#callback_method = "POST"
#callback_token_file = "sched.token"  # its first line
#callback_ca = "sched-ca.pem"
#callback_retry = "10s"
#callback_timeout = "1d"
#callback_buffer = "64k"
#callback_latency = "1s"

# Behind a relay that forwards no connection, as another user there, in a container.
#[hosts.web1]
#relay = "gate.example.org"
#relay_program = "ssh"                # what goes on from the relay
#sudo = "www"                         # there
#sudo_first = "deploy"                # here: that user calls ssh
#via = ["docker exec -i web"]
#via_line = ["ush {host}"]            # instead of via, for what hands one line to a shell
#every = "10s"                        # what is started there is a series
#count = 360
#forever = false                      # instead of a count
#initial_delay = "1m"
#jitter = "500ms"
#overrun = "skip"                     # or "now"

# Names for many hosts: chap start --host @web -- uptime
#[clusters]
#web = "web[01-40]!web13"
#all = "@web,gpu1"

# Reached by another command than ssh.
#[hosts.pod1]
#transport = "kubectl"

# {host}, {user} and {port} are filled in. words: "line" when the command passes a line to a shell there, as ssh does (the default);
# "argv" when it passes words to a program, as docker exec does.
#[transports.kubectl]
#command = ["kubectl", "exec", "-i", "{host}", "--"]
#words = "argv"

# For every host, and where it makes sense for this machine, too.
#[defaults]
#connect_timeout = "30s"
`
