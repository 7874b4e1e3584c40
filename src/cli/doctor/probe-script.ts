/** The sh text that examines a machine: the same for this one and for any other. It leaves nothing behind. */
import { toOctal } from '../../index.ts'

/** What the launcher can't do without. */
export const NEEDED = ['mkdir', 'mkfifo', 'ln', 'mv', 'rm', 'rmdir', 'cat', 'dd', 'ls', 'tail', 'tr', 'date', 'sleep']
/** What it uses where it is there. */
export const USEFUL = ['find', 'grep', 'expr', 'od', 'cksum']
/** Any one of them makes a session of the job's own. */
export const SESSION = ['setsid', 'perl', 'python3']

/**
 * Says lines `MARK key words...`, the last of them `MARK done`; then answers each line of stdin with the time, until that ends.
 * @param root where the job directories go; null: the default
 */
export const probeScript = (mark: string, root: string | null): string => `{
chap_say() { echo "${mark} $*"; }
chap_up() { case $p in */*) p=\${p%/*}; [ -n "$p" ] || p=/;; *) p=.;; esac; }
chap_line() { tr '\\n' ' '; }
chap_control() {
exec 2>/dev/null
echo
chap_say system "$(uname -srm)"
have=
for x in ${[...NEEDED, ...USEFUL, ...SESSION].join(' ')}; do command -v $x >/dev/null 2>&1 && have="$have $x"; done
chap_say have$have
if [ -r /proc/self/stat ]; then chap_say proc
elif [ -z "$(ps -o lstart= -o stat= -p $$)" ]; then chap_say blind "$(ps -o lstart= -o stat= -p $$ 2>&1 | chap_line)"
fi
root=$(printf %b '${root === null ? '' : toOctal(root)}')
[ -n "$root" ] || root=\${XDG_STATE_HOME:-\${HOME:-/nonexistent}/.local/state}/chap-remote
n=0 p=$root
until [ -d "$p" ]; do n=$((n + 1)); chap_up; done
d=$root/doctor.$$
chap_say root "$(printf %s "$root" | chap_line)"
chap_say space "$(df -Pk "$p" | tail -n 1)"
chap_say inodes "$(df -Pi "$p" | tail -n 1)"
words=$( { umask 077; mkdir -p "$root" && mkdir "$d" && echo >"$d/probe" && ln "$d/probe" "$d/link" && mkfifo "$d/pipe"; } 2>&1 ) &&
[ -O "$d" ] && chap_say writable || chap_say refused "$(echo "$words" | chap_line)"
rm -rf "$d"
p=$root
while [ $n -gt 0 ]; do rmdir "$p"; chap_up; n=$((n - 1)); done
if [ -d /run/systemd/system ]; then
  chap_say logind "$(busctl --timeout=2 get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager KillUserProcesses KillExcludeUsers KillOnlyUsers | chap_line)"
  chap_say user "$(id -un)"
fi
grep -hi '^[[:space:]]*KillUserProcesses' /etc/systemd/logind.conf /etc/systemd/logind.conf.d/*.conf | while read -r x; do chap_say logind.conf "$x"; done
chap_say done
while read -r x; do chap_say "$x" $(date +%s); done
}
}`
