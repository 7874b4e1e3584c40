{
# chap's launcher: runs one command on this machine so that nothing about it is lost.
# POSIX sh and standard utilities only; nothing is installed. It comes over the connection and is evaluated
# (braces make a text that was cut a syntax error, not a shorter program: what begins anything is in the last ones); a copy stands in the job's
# directory, for the parts that must outlive the connection:
#
#   control    one for each link: answers requests from stdin with lines on stdout
#   supervise  one for each job, in a session of its own: runs the command, records its end
#   begin      becomes the command
#   follow     streams one output file from a byte offset, for ever
#   feed       streams the file stdin to a command whose stdin stays open, until no more is to come
#
# What the job's directory holds: launcher command stdin stdout stderr alive(FIFO: held open by the supervisor, so the
# kernel says when it is gone) supervisor("pid born boot") pid("pid born") exit(the record) why beat.GENERATION.COUNT link.N/(pids of link N)
# prepared(the chaperone knows of this directory and comes back for it; until then a link that ends without a launch removes it).
# timers(until one runs out: then why.ITS_NAME; or until the command has ended: then timers.off).
# room(full while the recorder waits for some) recorder(FIFO: it says that it runs). gaps(beside the output: what of it was not kept). Where stdin stays open: feeder("pid born") bell(FIFO: its doorbell) rung(it has not looked
# since) eof(no more is to come).
# Of a series: runs(its notes) schedule(the first fire's time) on(stop when there shall be no further fire) padded. pid is the current run's.
# Byte offsets never meet shell arithmetic: it is 32-bit in mksh.

umask 077

chap_stat() { # FILE of a process -> $chap_fields: what stands behind its name. Only a name may have a ), and a ## takes dash as long as all else here
  { IFS=')' read -r chap_x chap_fields <"$1"; } 2>/dev/null || return 1
  case $chap_fields in *')'*) chap_fields=${chap_fields##*)};; esac
}
chap_born() { # PID -> $born: its start time, which with the pid is an identity. Empty: no such process, or a zombie
  born=
  if [ -r /proc/self/stat ]; then
    chap_stat "/proc/$1/stat" || return 1
    set -- $chap_fields
    [ "$1" = Z ] || born=${20}
  else
    born=$(ps -o lstart= -o stat= -p "$1" 2>/dev/null | sed '/ Z[^ ]*$/d; s/ [^ ]*$//; s/  */_/g')
  fi
  [ -n "$born" ]
}
chap_boot() { # -> $boot
  boot=
  { read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null && return
  boot=$(sysctl -n kern.boottime 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/')
  [ -n "$boot" ] || boot=-
}
chap_note() { # FILE [WORD...]: this shell's identity, published whole and only once: a hard link can't be made twice
  chap_f=$1; shift
  chap_born $$
  { echo "$$ $born $*" >"$chap_f.$$" && LC_ALL=C ln "$chap_f.$$" "$chap_f"; } 2>/dev/null
}
chap_lives() { # FILE: does the process noted in FILE live? -> $pid
  pid=; was=; { read -r pid was chap_x <"$1"; } 2>/dev/null
  [ -n "$pid" ] && chap_born "$pid" && [ "$born" = "$was" ]
}
chap_lines() { # FILE -> $lines: its lines, each behind a blank. By the shell alone: each program costs a millisecond, and a job calls many
  lines=
  while read -r chap_x || [ -n "$chap_x" ]; do lines="$lines $chap_x"; done <"$1"   # also one whose end did not get to the disk
}
chap_holds() { # FILE TEXT: does the file hold just that? By the shell alone
  chap_y=
  while IFS= read -r chap_x || [ -n "$chap_x" ]; do chap_y="$chap_y$chap_x
"; done <"$1"
  [ "$chap_y" = "$2
" ]
} 2>/dev/null
chap_now() { # -> $now: seconds since the epoch, with milliseconds where date(1) can
  now=$(date +%s.%N)
  case $now in *N*|*.) now=${now%%.*};; *) now=${now%??????};; esac
}
chap_nap() { sleep "$1" 2>/dev/null || sleep 1; } # fractions of a second are not POSIX
chap_choose() { # -> $session: what can begin a session here. Tried, not only found: a wrapper that lacks its program fails
  if command -v setsid; then session=setsid
  elif perl -e 'use POSIX'; then session=perl
  elif python3 -c 'import os'; then session=python3
  else session=nohup; fi
} </dev/null >/dev/null 2>&1
chap_locale() { # our: each program starts a quarter faster without one, and says what is read here. its: what the command shall find
  case $1 in
    our) chap_lc=${LC_ALL-} chap_has_lc=${LC_ALL+1}; export LC_ALL=C;;
    its) if [ -n "$chap_has_lc" ]; then LC_ALL=$chap_lc; else unset LC_ALL; fi;;
  esac
}
chap_how() { session=; { read -r session <"$d/session"; } 2>/dev/null; } # -> $session: what began the command's
chap_session() { # CMD...: become it, as the leader of a session of its own
  case $session in
    setsid) exec setsid "$@";;
    perl) exec perl -e 'use POSIX; POSIX::setsid(); exec {$ARGV[0]} @ARGV; exit 127' "$@";;
    python3) exec python3 -c 'import os,sys; os.setsid(); os.execvp(sys.argv[1],sys.argv[1:])' "$@";;
    *) exec "$@";;
  esac
}

# ---- what becomes another program, or brings bytes --------------------------------------------------------------------

chap_tell() { # WORD: to whoever asked for the launch, and waits. The control session may be gone: that must not end the command
  trap '' PIPE; { echo "$1" >&3; } 2>/dev/null; trap - PIPE
}
chap_begin() { # DIR RUN: becomes the command. Taking the name `pid` is what lets it begin, once
  d=$1
  # A full disk takes no name: the command waits for room, and has no status meanwhile.
  until chap_note "$d/pid"; do
    [ ! -e "$d/pid" ] && [ -d "$d" ] || exit 126
    [ ! -e "$d/stop" ] || exit 143
    chap_tell waits
    sleep 1
  done
  # Who asked for it saw no `pid` to signal, or signals this.
  [ ! -e "$d/stop" ] || exit 143
  exec 9>&-                              # until here the kernel knew of it: a supervisor that takes over waits for that
  [ -z "$2" ] || export CHAP_RUN="$2"
  chap_tell begun; exec 3>&-
  . "$d/command"
}
chap_follow() { # DIR GENERATION STREAM OFFSET NEXT(=OFFSET+1) BLOCKS(=OFFSET/65536) REST(=OFFSET%65536)
  d=$1
  chap_f=$d/link.$2/$3-$$                # a name of its own: at a gap the next one may come at once
  chap_born $$
  { echo "$$ $born $4" >"$chap_f"; } 2>/dev/null && [ -s "$chap_f" ] || exit 3   # fenced off by a newer link
  [ ! -p "$d/$3" ] || exec cat <"$d/$3"
  # Up to a gap, and no further. One that comes later finds this noted.
  chap_x=
  [ ! -e "$d/gaps" ] || chap_x=$(LC_ALL=C awk -v s="$3" -v o="$4" '$1 == s && o + 0 < $2 + $3 { printf "%.0f", o + 0 < $2 + 0 ? $2 - o : 0 }' "$d/gaps")
  [ -z "$chap_x" ] || {
    # By a name that says so: it never reads the hole. One process, which whoever ends this link ends.
    mv "$d/link.$2/$3-$$" "$d/link.$2/head-$3-$$" || exit 3
    exec 5<"$d/$3"
    chap_skip "$6" "$7"
    exec head -c "$chap_x" <&5
  }
  case $(tail --help 2>&1 </dev/null) in
    *BusyBox*) ;;                         # its tail emits foreign memory past 2 GiB, and looks once a second
    *) exec tail -c "+$5" -f "$d/$3";;
  esac
  exec 5<"$d/$3"
  chap_skip "$6" "$7"
  while cat <&5; do chap_nap 0.1; done
}
chap_skip() { # BLOCKS REST: descriptor 5 to that offset
  [ "$1" = 0 ] || dd bs=65536 skip=$(expr "$1" - 1) count=1 <&5
  [ "$2" = 0 ] || dd bs="$2" count=1 <&5
} >/dev/null 2>&1
chap_take() { # DIR NAME SIZE: keep stdin as the file NAME, whole or not at all
  cat >"$1/$2.$$" && set -- "$@" $(ls -ln "$1/$2.$$") && [ "$8" = "$3" ] && mv "$1/$2.$$" "$1/$2"
}
chap_feed() { # DIR FILE: to stdout, from the start on. An idle one waits for its doorbell, held open for both ways: it never ends by itself
  d=$1
  trap 'case $! in [1-9]*) kill $!;; esac; exit' TERM
  chap_note "$d/feeder"
  exec 5<"$2" 8<>"$d/bell"
  while :; do
    rm -f "$d/rung"
    last=0; [ ! -e "$d/eof" ] || last=1   # before the look: what the file has then is all
    cat <&5 8>&- & wait $! || exit        # nobody reads any more
    [ $last = 0 ] || exit
    read -r chap_x <&8 & wait $!
  done
}

case ${1:-} in
  begin) "chap_$@"; exit;;
  follow|take|feed) export LC_ALL=C; "chap_$@"; exit;;
esac
}
{ # Read no further than is needed: to parse all of it takes a millisecond, and each job would do so several times.

# ---- supervise ----------------------------------------------------------------------------------------------------

chap_pipe() { # FIFO: as a pipe, 4 its write end, 5 its read end. Opened in an order that can't block
  exec 8<>"$1" 4>"$1" 5<"$1" 8>&-
}
chap_supervise() { # DIR NONCE POLICY LEASE STDOUT STDERR STDIN TIMEOUT IDLE LIMITS [SERIES...]; fd 3: where to say that the command has begun
  d=$1 nonce=$2 policy=$3 lease=$4 out=$5 err=$6 in=$7 timeout=${8:-0} idle=${9:-0} limits=${10:-0}
  chap_limits "$limits"
  chap_locale our
  trap : HUP INT QUIT TERM PIPE   # caught, not ignored: what is ignored here the command could never have back
  trap 'kill $z' USR1             # a series that rests is to look around
  exec 9<>"$d/alive"
  chap_boot
  chap_note "$d/supervisor" "$boot" || exit
  [ -z "$keep" ] || chap_spare
  chap_choose
  echo $session >"$d/session"
  n= runs= perl=1 unheard=0 beat=
  # Who holds those of a dead supervisor must not write into a run of this one.
  [ "$policy" = kill ] || { [ -p "$d/pipe.2" ] && [ ! -e "$d/supervisor.last" ]; } || chap_pipes
  if [ $# -gt 10 ]; then shift 10; chap_series "$@"; else chap_run; exec 3>&-; fi
  chap_record
  # The connection is gone, and with it whoever would have removed this.
  [ "$policy-$why" != kill-lease ] || chap_remove
}
chap_pipes() { # anew: a recorder behind a pipe, not the file itself, since `echo >/dev/stderr` in a script would truncate a file
  rm -f "$d/pipe.1" "$d/pipe.2"
  mkfifo "$d/pipe.1" "$d/pipe.2" || exit
}
chap_run() { # runs the command, once -> $status $why $late $start $end
  if [ "$policy" = kill ]; then
    exec 6>"$err" 4>"$out"        # FIFOs: each blocks until its follower is there
    c1= c2=
  else
    chap_pipe "$d/pipe.2"; exec 6>&4 7<&5
    chap_pipe "$d/pipe.1"
    if [ -n "$perl" ]; then
      # Tried, not only found. It says that it runs; when it can't, its going is all that comes.
      [ -p "$d/recorder" ] || mkfifo "$d/recorder" || exit
      true >"$d/room"
      exec 8<>"$d/recorder"
      chap_recorder <&5 >>"$out" 5<&7 7>>"$err" 8>"$d/recorder" 3>&- 4>&- 6>&- 9>&- & c1=$! c2=
      perl=; { exec 8>&-; read -r perl; } <"$d/recorder"
    fi
    [ -n "$perl" ] || {
      cat <&5 >>"$out" 3>&- 4>&- 5<&- 6>&- 7<&- 9>&- & c1=$!
      cat <&7 >>"$err" 3>&- 4>&- 5<&- 6>&- 7<&- 9>&- & c2=$!
    }
    exec 5<&- 7<&-
    chap_born $c1; b1=$born; b2=; [ -z "$c2" ] || { chap_born $c2; b2=$born; }
  fi
  w=
  [ "$lease$timeout$idle$max" = 0000 ] || {
    true >"$d/timers"
    sh "$d/launcher" watch "$d" "$lease" "$timeout" "$idle" "$limits" "$out" "$err" "$unheard" "$beat" 3>&- 4>&- 6>&- 9>&- & w=$!
  }
  chap_now; start=$now
  [ -z "$n" ] || chap_log "begun $n $due $start $so $se"
  times >"$d/times"
  f=
  case $in in +*)
    true >>"${in#+}"; mkfifo "$d/bell" "$d/pipe.0" || exit
    # It waits for the pipe's reader, and the command for its writer: neither can miss the other.
    sh "$d/launcher" feed "$d" "${in#+}" >"$d/pipe.0" 3>&- 4>&- 6>&- 9>&- & f=$!
    chap_born $f; bf=$born in=$d/pipe.0;;
  esac
  # In the foreground: an asynchronous command would have SIGINT and SIGQUIT ignored for ever.
  # In a subshell: what this shell says of a command that a signal ended ("Killed") is not the command's stderr.
  ( chap_locale its; chap_session sh "$d/launcher" begin "$d" "$n" <"$in" >&4 2>&6 4>&- 6>&- )
  status=$?
  times >>"$d/times"                     # before a recorder can have ended, which is no part of the command
  exec 4>&- 6>&-                         # it does meanwhile
  chap_now; end=$now
  [ -z "$w" ] || chap_unwatch
  [ -z "$f" ] || { chap_born $f && [ "$born" = "$bf" ] && kill $f; }
  [ -z "$keep" ] || wait $w 2>/dev/null  # of two that squeeze, one could take back what the other said
  chap_flush
  [ -z "$keep" ] || chap_squeeze again 2>/dev/null
  why=exit; [ -e "$d/why" ] && read -r why <"$d/why"
  set -- "$d"/why.*; [ ! -e "$1" ] || why=${1##*.}
}
chap_recorder() { # copies 0 to 1 and 5 to 7. On a full disk it waits for room, and with it whoever writes: cat would lose what it holds
  # 28: ENOSPC. 122 and 69: EDQUOT. `full` is `room` by another name, which a full disk can't prevent.
  PERL5OPT= exec perl -C0 -e '
    open(my $in, "<&=", 5) && open(my $out, ">>&=", 7) && open(my $told, ">&=", 8) or exit 1;
    syswrite($told, "1\n") && close($told) or exit 1;
    my %to = (0 => [\*STDIN, \*STDOUT], 5 => [$in, $out]);
    my $open = "";
    vec($open, $_, 1) = 1 for keys %to;
    my $buf;
    while (%to) {
      next if select(my $ready = $open, undef, undef, undef) < 0;
      for my $fd (grep { vec($ready, $_, 1) } keys %to) {
        my ($from, $file) = @{$to{$fd}};
        my $n = sysread($from, $buf, 65536);
        my $waits = 0;
        for (my $at = 0; $n && $at < $n;) {
          my $w = syswrite($file, $buf, $n - $at, $at);
          if (defined $w) { $at += $w; next }
          next if $! == 4;
          if ($! != 28 && $! != 122 && $! != 69) { $n = 0; last }
          $waits++ or rename("$ARGV[0]/room", "$ARGV[0]/full");
          select(undef, undef, undef, 0.2);
        }
        rename("$ARGV[0]/full", "$ARGV[0]/room") if $waits;
        next if $n || !defined $n && $! == 4;
        vec($open, $fd, 1) = 0;
        delete $to{$fd};
        close($from);
      }
    }' "$d"
}
chap_flows() { # does a recorder still wait for its pipe to be closed?
  [ -n "$c1" ] && { { chap_born $c1 && [ "$born" = "$b1" ]; } || { chap_born $c2 && [ "$born" = "$b2" ]; }; }
}
chap_flush() { # -> $late: a process left behind may hold the streams open, and its bytes are waited for a moment only
  late=0 i=0
  while chap_flows; do
    i=$((i + 1))
    # One that waits for room holds bytes of the command: as long as it does, so does this.
    if [ -e "$d/full" ]; then i=5; [ -z "$keep" ] || chap_squeeze 2>/dev/null; sleep 1; continue; fi
    if [ $i -gt 44 ]; then late=1; kill -9 $c1 $c2; wait $c1 $c2; break; fi
    if [ $i -lt 5 ]; then sleep 0; else chap_nap 0.05; fi
  done
}
chap_limits() { # GRACE[:MAX[:keep]] -> $grace $max $keep, and with that $gaps: seconds, and bytes, with more of which it ends; keep: without their middle it goes on
  grace=${1%%:*} max=0 keep=
  case $1 in *:keep) keep=1;; esac
  case $1 in *:*) max=${1#*:}; max=${max%:keep};; esac
  gaps=${out%/*}/gaps
}
chap_record() {
  [ -z "$keep" ] || rm -f "$gaps.spare"
  o='- -' e='- -'
  [ "$policy" = kill ] || { chap_sum "$out"; o=$chap_cksum; chap_sum "$err"; e=$chap_cksum; }
  [ -z "$runs" ] || { chap_sum "$runs"; e="$e
runs $chap_cksum"; }
  chap_lines "$d/times"
  record="chap-exit 1 nonce=$nonce status=$status why=$why late=$late start=$start end=$end
stdout $o
stderr $e
${lines# }
end $nonce"
  # A full disk leaves a short file, or one with a hole where room came back, and a successful echo: compared before it is
  # published, and tried for as long as it takes.
  until { echo "$record" >"$d/exit.new"; } 2>/dev/null && chap_holds "$d/exit.new" "$record" && mv "$d/exit.new" "$d/exit"
  do [ -d "$d" ] || exit; sleep 1; done
  sync "$d/exit" 2>/dev/null
}
chap_watch() { # DIR LEASE TIMEOUT IDLE LIMITS STDOUT STDERR [UNHEARD BEAT], in seconds, 0: no such timer. Counts ticks: no clock to jump
  d=$1 out=$6 err=$7 ran=0 unheard=${8:-0} still=0 beat=${9:-} sizes=
  chap_limits "$5"
  # Set once: bash is deaf for a moment whenever a trap is changed. zsh says 0 where there is nobody: the whole group.
  whole=1 asked=
  trap 'asked=1; [ -z "$whole" ] || { case $! in [1-9]*) kill $!;; esac; exit; }' TERM
  until { read -r run <"$d/pid"; } 2>/dev/null; do [ -d "$d" ] || exit; chap_nap 0.05; done
  [ "$4" = 0 ] || sizes="$(chap_size "$6") $(chap_size "$7")"
  while [ -d "$d" ]; do
    t=10                              # no timer is seen to run out later than by this, or by a quarter of it
    [ "$max" = 0 ] || t=1             # what is written until the next look is too much on the disk
    for x in $(( ($2 + 3) / 4 )) $(( ($4 + 3) / 4 )) $(($3 - ran)); do [ "$x" -le 0 ] || [ "$x" -ge $t ] || t=$x; done
    chap_rest $t
    # It outlived its supervisor, and another one's run is under way.
    now=; { read -r now <"$d/pid"; } 2>/dev/null; [ "$now" = "$run" ] || exit
    ran=$((ran + t)) unheard=$((unheard + t)) still=$((still + t))
    set -- "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$d"/beat.*
    [ "$8" = "$beat" ] || unheard=0 beat=$8
    if [ "$4" != 0 ]; then
      x="$(chap_size "$6") $(chap_size "$7")"
      [ "$x" = "$sizes" ] || still=0 sizes=$x
    fi
    [ -z "$keep" ] || chap_trim
    if [ "$3" != 0 ] && [ $ran -ge "$3" ]; then chap_expire timeout
    elif [ "$4" != 0 ] && [ $still -ge "$4" ]; then chap_expire idle
    elif [ "$max" != 0 ] && [ -z "$keep" ] && chap_exceeds; then chap_expire max_output
    elif [ "$2" != 0 ] && [ $unheard -ge "$2" ]; then chap_expire lease; fi
  done
}
chap_exceeds() { # do both files have more than $max bytes, together?
  ls -ln "$out" "$err" | LC_ALL=C awk -v m="$max" '/^-/ { n += $5 } END { exit !(n > m) }'
}
chap_expire() { # TIMER: end the command by TERM, the grace, KILL. A name can be renamed once: after the command's end there is none to take
  mv "$d/timers" "$d/why.$1" 2>/dev/null || exit
  first=TERM; [ "$grace" != 0 ] || first=KILL
  # Dead, but its supervisor has not heard of it yet: then it ended by itself.
  chap_grouped && chap_lives "$d/pid" && chap_send $first || { rm "$d/why.$1"; exit; }
  i=-10                               # what ends at once is not waited for
  while [ $i -lt "$grace" ] && chap_grouped; do
    if [ $i -lt 0 ]; then chap_nap 0.05; else chap_nap 1; [ -z "$keep" ] || chap_trim; fi
    i=$((i + 1))
  done
  if chap_grouped; then chap_signal KILL; fi
  exit
}
chap_unwatch() { # the command has ended: no timer may run out any more. One that was quicker does what it has to do first
  if mv "$d/timers" "$d/timers.off"; then kill $w; return; fi
  set -- "$d"/why.*
  if [ -e "$1" ]; then wait $w; else kill $w; fi
} 2>/dev/null
chap_trim() { # a squeeze that is whole before the watcher leaves
  whole=
  chap_squeeze
  whole=1
  [ -z "$asked" ] || exit
}
chap_rest() { sleep "$1" & wait $!; } # unlike a plain sleep, it is over at a trapped signal

# ---- gaps ---------------------------------------------------------------------------------------------------------

# The head of each stream is the first quarter of $max, and its last quarter is always kept; between them a hole grows. Lines of `gaps`:
# STREAM FROM LENGTH. It says so before the hole is made: whoever reads zeros, and looks there then, knows.
chap_squeeze() { # [again]: makes holes for what $out and $err have beyond $max bytes. again: also those that were said, and maybe never made
  set -- "${1:-}" "$(cat "$gaps" 2>/dev/null | LC_ALL=C awk -v m="$max" -v o="$(chap_size "$out")" -v e="$(chap_size "$err")" '
    { has[$1] = $3 }
    END {
      q = int(m / 16384) * 4096; n["stdout"] = o; n["stderr"] = e
      for (s in n) kept += n[s] - has[s]
      if (kept <= m) exit
      for (s in n) {
        l = n[s] - q - q
        if (l < has[s] + 0) l = has[s] + 0
        if (l > 0) printf "%s %.0f %.0f\n", s, q, l
      }
    }')"
  if [ -n "$2" ]; then
    chap_pledge "$2" || return 0
    sync "$gaps" 2>/dev/null
  elif [ -z "$1" ] || [ ! -s "$gaps" ]; then return 0; fi
  while read -r s q l; do
    case $s in stdout) f=$out;; stderr) f=$err;; *) continue;; esac
    chap_overtake "$s" "$f" "$q" "$l"
    fallocate -p -o "$q" -l "$l" "$f"
  done <"$gaps"
  chap_spare
}
chap_pledge() { # TEXT: becomes `gaps`, whole or not at all. A full disk, on which it matters most, takes no new file: then it is written over the spare
  { { echo "$1" >"$gaps.new"; } 2>/dev/null && [ "$(cat "$gaps.new")" = "$1" ] && mv "$gaps.new" "$gaps"; } || {
    rm -f "$gaps.new"
    [ -s "$gaps.spare" ] && echo "$1" 1<>"$gaps.spare" && [ "$(cat "$gaps.spare")" = "$1" ] && mv "$gaps.spare" "$gaps"
  }
} 2>/dev/null
chap_spare() { # a file of empty lines, longer than `gaps` can be, of which those behind its text are left
  [ -s "$gaps.spare" ] || printf '%0200d' 0 | tr 0 '\n' >"$gaps.spare"
} 2>/dev/null
chap_overtake() { # STREAM FILE FROM LENGTH: ends what follows it and has not read so far, since it would pass the hole on. It asks for what comes behind
  for chap_y in "$d"/link.*/"$1"-* "$d"/fenced.*/"$1"-*; do
    chap_lives "$chap_y" || continue
    at=; { read -r chap_x chap_x at <"$chap_y"; } 2>/dev/null
    p=0                                  # less than where it begins, until it is there
    for x in /proc/"$pid"/fd/*; do
      [ "$x" -ef "$2" ] && { read -r chap_x p <"/proc/$pid/fdinfo/${x##*/}"; } 2>/dev/null
    done
    LC_ALL=C awk -v a="$at" -v p="$p" -v e="$3" -v n="$4" 'BEGIN { e += n; exit !(a + 0 < e && p + 0 < e) }' || continue
    while chap_born "$pid" && [ "$born" = "$was" ]; do kill -KILL "$pid"; chap_nap 0.05; done
    rm -f "$chap_y"                      # not before: who dies in between must not leave one that nobody knows of
  done
}
chap_punches() { # can holes be made where the output is, and can be seen how far a follower has read?
  chap_x=${out%/*}/hole.$$ chap_y=0
  true >"$chap_x" && fallocate -p -o 0 -l 1 "$chap_x" || chap_y=1
  case $(tail --help 2>&1 </dev/null) in *BusyBox*) chap_y=1;; esac
  rm -f "$chap_x"
  return $chap_y
}
chap_edge() { # FILE -> $edge: bytes of its head, and of its end, that are kept whatever happens; empty: it is no longer than both
  edge=
  [ -z "$keep" ] || edge=$(LC_ALL=C awk -v m="$max" -v n="$(chap_size "$1")" 'BEGIN { q = int(m / 16384) * 4096; if (n > 2 * q) printf "%.0f", q }')
}

# ---- series -------------------------------------------------------------------------------------------------------

# Fire N is due at $first + (N-1) * $every by a clock that does not jump. Times are pairs of seconds and hundredths: arithmetic is 32-bit.
chap_clock() { # -> $s $c
  { read -r chap_x chap_y </proc/uptime; } 2>/dev/null || { chap_now; chap_x=$now.00; }
  s=${chap_x%%.*} c=${chap_x#*.}0
  c=${c%"${c#??}"} c=${c#0}
}
chap_passed() { [ "$s" -gt "$1" ] || [ "$s" = "$1" -a "$c" -gt "$2" ]; } # S C: by the last look at the clock
chap_add() { # S C -> $xs $xc: a period later
  xs=$(($1 + es)) xc=$(($2 + ec))
  [ $xc -lt 100 ] || xs=$((xs + 1)) xc=$((xc - 100))
}
chap_log() { # LINE: into `runs`, whole. A full disk leaves a part of it, and a successful echo
  until { echo "$1" >>"$runs"; } 2>/dev/null && [ "$(tail -n 1 "$runs")" = "$1" ]
  do [ -d "$d" ] || exit; sleep 1; echo >>"$runs"; done 2>/dev/null
}
chap_series() { # RUNS EVERY COUNT DELAY JITTER OVERRUN [LAPSE REACHED]: a run at each fire. LAPSE: why the supervisor before this one went
  runs=$1 every=$2 count=$3 delay=$4 jitter=$5 overrun=$6 lapse=${7:-} last=${8:-0}
  es=${every%.*} ec=${every#*.}; ec=${ec#0}
  over=exit bad=0 z= beat= unheard=0 heard=
  fine=1; sleep 0.01 2>/dev/null || fine=
  true >>"$runs"
  if [ -n "$lapse" ]; then chap_resume; else true >"$d/on"; fi
  chap_clock; chap_now; begin=$now
  # The wall clock dates the schedule: that is what a reboot leaves of it.
  was=; { read -r was begin <"$d/schedule"; } 2>/dev/null
  set -- $(LC_ALL=C awk -v now="$now" -v s="$s" -v c="$c" -v w="$delay" -v was="$was" 'BEGIN {
    off = int(now * 100) - s * 100 - c; f = was == "" ? s * 100 + c + w * 100 : was * 100 - off
    printf "%.0f %d %d %.2f", f, off / 100, off % 100, (f + off) / 100 }')
  first=$1 os=$2 oc=$3
  [ -n "$was" ] || { echo "$4 $begin" >"$d/schedule.new"; mv "$d/schedule.new" "$d/schedule"; sync "$d/schedule" 2>/dev/null; }
  so=$(chap_size "$out") se=$(chap_size "$err")
  { echo begun >&3; } 2>/dev/null; exec 3>&-
  while chap_next && chap_until; do
    # Stopped, or the whole machine asleep, for longer than a period.
    chap_add $js $jc; if chap_passed $xs $xc; then lapse=late; continue; fi
    chap_run
    so=$(chap_size "$out") se=$(chap_size "$err") last=$n
    [ ! -e "$d/stop" ] || [ "$why" != exit ] || why=kill
    chap_log "ended $n $end $status $why $late $so $se"
    [ $why = kill ] || [ "$status" = 0 ] || bad=$status
    rm -f "$d"/why.*
    case $why in kill|lease|max_output) over=$why; break;; esac
    # One that ends between two looks is nobody's to end; but there is no next one.
    if [ "$max" != 0 ] && [ -z "$keep" ] && chap_exceeds; then over=max_output; break; fi
    mv "$d/pid" "$d/pid.last"            # a signal between runs finds nobody
    [ $late = 0 ] || chap_pipes          # who holds them must not write into the next run
    chap_clock
  done
  rm -f "$d/times"
  status=$bad why=$over late=0 start=$begin; chap_now; end=$now
}
chap_resume() { # what a dead supervisor left: a run without an end, and how those before it ended. What runs were noted elsewhere, $last says
  mv "$d/pid" "$d/pid.last" 2>/dev/null
  rm -f "$d"/why.*
  set -- $(LC_ALL=C awk -v m="$last" '
    $1 == "begun" { b = $2; if ($2 + 0 > m + 0) m = $2 }
    $1 == "ended" { if (b == $2) b = 0; if ($4 + 0 && $5 != "kill") bad = $4 }
    $1 == "lost" { b = 0; bad = 125 }
    $1 == "missed" && $3 + 0 > m + 0 { m = $3 }
    END { print m + 0, b + 0, bad + 0 }' "$runs")
  last=$1 bad=$3
  [ "$2" = 0 ] || { chap_log "lost $2 $lapse"; bad=125; }
}
chap_next() { # -> $n $ds $dc: the next fire. What is overdue is noted as missed, but with --overrun now the newest, which is the next then
  if [ $last = 0 ] || [ -n "$lapse" ]; then chap_plan
  else
    chap_add $ds $dc; n=$((last + 1)) ds=$xs dc=$xc
    if chap_passed $ds $dc; then chap_plan; fi
  fi
  lapse=
  [ "$count" = 0 ] || [ $n -le "$count" ] || return 1
  js=$ds jc=$dc
  [ "$jitter" = 0 ] || {
    set -- $(od -An -N4 -tu4 /dev/urandom | LC_ALL=C awk -v j="$jitter" -v s=$ds -v c=$dc '
      NF { t = s * 100 + c + int($1 / 4294967296 * j * 100); printf "%d %d", t / 100, t % 100; exit }')
    js=${1:-$js} jc=${2:-$jc}
  }
  due=$((js + os)) chap_x=$((jc + oc))
  [ $chap_x -lt 100 ] || due=$((due + 1)) chap_x=$((chap_x - 100))
  case $chap_x in ?) due=$due.0$chap_x;; *) due=$due.$chap_x;; esac
}
chap_plan() { # -> $n $ds $dc: of the fires behind $last. One that is further off than it can be says that the clock was set back
  case $lapse in ''|late) chap_x=$overrun;; *) chap_x=skip;; esac
  set -- $(LC_ALL=C awk -v f="$first" -v e="$every" -v m="$last" -v s="$s" -v c="$c" -v w="$delay" -v max="$count" -v o="$chap_x" 'BEGIN {
    e = int(e * 100 + 0.5); now = s * 100 + c
    k = int((now - f) / e); if (f + k * e < now) k++
    if (k < m) k = m
    if (max + 0 && k > max) k = max > m ? max : m
    w = m ? e : int(w * 100 + 0.5)
    if (f + k * e > now + w) f = now + w - k * e
    missed = k
    if (o == "now" && k > m) missed = --k
    due = f + k * e
    printf "%d %d %d %.0f %d", k + 1, due / 100, due % 100, f, missed }')
  n=$1 ds=$2 dc=$3 first=$4
  [ "$5" -le $last ] || { chap_log "missed $((last + 1)) $5 ${lapse:-overrun}"; last=$5; }
}
chap_until() { # rests until $js $jc; 1: the series is over, $over
  while :; do
    chap_clock
    [ -d "$d" ] || exit
    [ ! -e "$d/stop" ] || { over=kill; return 1; }
    t=60
    if [ "$lease" != 0 ]; then
      t=$(( (lease + 3) / 4 )); [ $t -le 60 ] || t=60
      set -- "$d"/beat.*
      if [ "$1" != "$beat" ] || [ -z "$heard" ]; then beat=$1 heard=$s; fi
      unheard=$((s - heard)); [ $unheard -le "$lease" ] || { over=lease; return 1; }
    fi
    [ "$s" -lt $js ] || [ "$s" = $js -a "$c" -lt $jc ] || return 0
    p=$((s + t + 1))
    if [ $((js - s)) -le $t ]; then
      t=$(( (js - s) * 100 + jc - c ))
      if [ -n "$fine" ]; then chap_x=$((t % 100 + 100)); t=$((t / 100)).${chap_x#1}; else t=$(( (t + 99) / 100 )); fi
    fi
    sleep $t 9>&- & z=$!                 # it may outlive this, and the kernel is not to take it for this
    [ ! -e "$d/stop" ] || kill $z        # its signal may have come too early
    wait $z; z=                          # its number may soon be another's
    # A lease does not run out while the whole machine sleeps.
    chap_clock; [ "$s" -le $p ] || heard=$((heard + s - p))
  done
}
chap_stop() { # no further fire. Between runs the series ends at once. -> $heard: there was a supervisor to hear it
  [ -e "$d/stop" ] || mv "$d/on" "$d/stop" || true >"$d/stop"
  heard=0 i=0
  while chap_lives "$d/supervisor"; do
    heard=1 i=$((i + 1))
    [ ! -e "$d/pid" ] && [ $i -lt 40 ] || break
    kill -USR1 "$pid"; chap_nap 0.05
  done
}
chap_continue() { # REACHED STDOUT STDERR RUNS: has a series go on whose supervisor is dead. The sizes are those of what was fetched of it
  chap_settle
  case $report in lost*) ;; *) return;; esac
  # What it had started may be about to begin a run. The kernel says when nothing of it is left.
  ( exec 8<>"$d/alive" 7<"$d/alive" 8>&-; while read -r chap_x <&7; do :; done )
  chap_settle
  case $report in lost*) ;; *) return;; esac
  lapse=${report#*why=}; lapse=${lapse%% *}
  chap_pad "$out" "$2"; chap_pad "$err" "$3"; chap_pad "$runs" "$4"
  mv "$d/supervisor" "$d/supervisor.last"
  chap_start $series "$lapse" "$1"
  chap_settle
  case $report in lost*) report="$report stuck=1";; *) chap_wait "$gen";; esac
}
chap_pad() { # FILE SIZE: a power cut took bytes that were fetched before: what comes after them has its place, and no sum is right any more
  chap_y=$(chap_size "$1")
  LC_ALL=C awk -v a="$chap_y" -v b="$2" 'BEGIN { exit a + 0 >= b + 0 }' || return 0
  true >"$d/padded"
  set -- "$1" $(LC_ALL=C awk -v b="$2" 'BEGIN { printf "%.0f", b - 1 }')
  dd if=/dev/null of="$1" bs=1 seek="$2"; echo >>"$1"
}

# ---- signals ------------------------------------------------------------------------------------------------------

chap_marked() { # -> $marked: processes that carry the job's mark, also those that left its group (Linux; others: none)
  marked=
  for chap_x in $(grep -l "CHAP_MARK=${d##*/}" /proc/[0-9]*/environ 2>/dev/null); do
    chap_x=${chap_x#/proc/}; marked="$marked ${chap_x%/environ}"
  done
}
chap_grouped() { # does the command's process group have a member? While it has, its number can't be another's
  pid=; was=; { read -r pid was chap_x <"$d/pid"; } 2>/dev/null
  case $pid in ''|never) return 1;; esac
  chap_boot; read -r chap_x chap_x was_boot <"$d/supervisor"
  [ "$boot" = "$was_boot" ] || return 1
  chap_born "$pid" && [ "$born" != "$was" ] && return 1
  chap_how
  [ "$session" != nohup ] || { [ -n "$born" ]; return; }
  kill -0 "-$pid" 2>/dev/null || return 1
  # A zombie that nobody reaps (a container's PID 1) still answers kill -0.
  [ -r /proc/self/stat ] || return 0
  for chap_x in /proc/[0-9]*/stat; do
    chap_stat "$chap_x" || continue
    set -- $chap_fields
    [ "$3" = "$pid" ] && [ "$1" != Z ] && return 0
  done
  return 1
}
chap_send() { if [ "$session" = nohup ]; then kill "-$1" "$pid"; else kill "-$1" "-$pid"; fi 2>/dev/null; }
chap_signal() { # NAME: to the command's whole group. KILL also reaches what left the group
  sent=0
  if chap_grouped && chap_send "$1"; then sent=1; fi
  if [ "$1" = KILL ]; then
    chap_marked
    for chap_x in $marked; do kill -KILL "$chap_x" 2>/dev/null && sent=1; done
  fi
  [ $sent = 1 ]
}

# ---- the job's files, and the links to it ----------------------------------------------------------------------------

chap_sum() { # FILE -> $chap_cksum: "checksum size"; some BusyBoxes have no cksum, and of nothing none is needed
  chap_cksum='- 0'
  [ ! -f "$1" ] || [ -s "$1" ] || return 0
  chap_edge "$1"
  if [ -n "$edge" ] && [ "$1" != "$runs" ]; then # of its ends: between them it may be another gap than at home
    chap_cksum=$({ head -c "$edge" <"$1"; tail -c "$edge" "$1"; } | cksum 2>/dev/null)
    [ ! -e "$d/padded" ] && [ -n "$chap_cksum" ] || chap_cksum=-
    chap_cksum="${chap_cksum%% *} $(chap_size "$1")"; return
  fi
  [ ! -e "$d/padded" ] && chap_cksum=$(cksum <"$1" 2>/dev/null) || chap_cksum="- $(chap_size "$1")"
}
chap_size() { [ -f "$1" ] || { echo 0; return; }; set -- $(ls -ln "$1"); echo "$5"; } # BusyBox wc -c is 32-bit
chap_end_links() { # GENERATION [stay]: end what older links left here. A rename first: a late follower finds no place to note itself
  fenced=
  for l in "$d"/fenced.* "$d"/link.*; do
    n=${l##*.}
    case ${l##*/} in *'*') continue;; fenced.*) fenced=1; continue;; esac
    [ "$n" -lt "$1" ] && mv "$l" "$d/fenced.$n" && fenced=1
  done
  [ -n "$fenced" ] || return 0
  for l in "$d"/fenced.*/*; do
    case ${l##*/} in *.*) continue;; esac   # a note that was never published
    { read -r pid chap_x <"$l"; } && [ "$pid" != $$ ] && chap_lives "$l" && kill -KILL "$pid"
  done
  [ -n "${2:-}" ] || rm -rf "$d"/fenced.*
} 2>/dev/null
chap_remove() { # the job's links and directory, and that of all jobs if this was the last. Again while a supervisor still writes its record
  chap_end_links 2147483647 stay
  for i in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$d" && break; chap_nap 0.1; done 2>/dev/null
  set -- "${d%/*}"/*
  [ -e "$1" ] || rmdir "${d%/*}" 2>/dev/null
  [ ! -d "$d" ]
}

case ${1:-} in supervise|watch) "chap_$@"; exit;; esac
}
{

# ---- stdin that stays open ----------------------------------------------------------------------------------------

chap_receive() { # LENGTH FILE: all of it is read, whatever becomes of the file: what is left would be taken for requests
  left=$1; true >"$2"
  while [ "$left" -gt 0 ]; do
    # As much as there is, and never more. Byte by byte takes 20 times as long.
    n=$(dd bs="$left" count=1 2>/dev/null | tee -a "$2" | wc -c)
    [ $n -gt 0 ] || return
    left=$((left - n))
  done
}
chap_accept() { # OFFSET LENGTH BLOCKS(=OFFSET/65536) REST(=OFFSET%65536): so many bytes follow, which begin there in stdin
  f=$d/link.$gen/input.new                # with a dot: no note of a process
  chap_receive "$2" "$f"
  # In their place, not at the end: an orphan of an older link can only write once more what is there.
  if [ "$2" != 0 ] && [ "$(chap_size "${in#+}")" = "$1" ] && [ "$(chap_size "$f")" = "$2" ]; then
    { chap_skip "$3" "$4"; cat "$f" >&5; } 5<>"${in#+}"
  fi
  chap_ring
}
chap_ring() { # rung once, until the feeder looks: a command that reads nothing must not fill the FIFO, and block who rings
  [ ! -p "$d/bell" ] || [ -e "$d/rung" ] || { true >"$d/rung"; echo >&8; } 8<>"$d/bell"
}

# ---- control ------------------------------------------------------------------------------------------------------

chap_word() { case $1 in *\\*) chap_text=$(printf %b "$1");; *) chap_text=$1;; esac; } # as printf %b reads it -> $chap_text
chap_say() { echo "CHAP1 $nonce $*"; }
chap_report() { # what is true of the job, in one line -> $report
  report=
  if [ ! -d "$d" ]; then report=gone; return; fi
  if [ -e "$d/exit" ]; then
    chap_ended; return
  fi
  if [ ! -e "$d/supervisor" ]; then
    # A link that had a series go on may have died over it.
    if [ -e "$d/schedule" ]; then chap_lost supervisor_died; else report=absent; fi
    return
  fi
  chap_boot; read -r chap_x chap_x was_boot <"$d/supervisor"
  if [ "$boot" = "$was_boot" ]; then
    if chap_lives "$d/supervisor"; then
      if [ -e "$d/schedule" ]; then chap_how; report="running boot=$boot session=$session"
      elif [ -n "$runs" ]; then report=starting
      elif [ -e "$d/pid" ]; then
        read -r pid born chap_x <"$d/pid"; chap_how
        report="running pid=$pid born=$born boot=$boot session=$session"
      else report=starting; fi
      return
    fi
    [ ! -e "$d/exit" ] || { chap_report; return; }
    # The supervisor is dead. Whoever takes the name `pid` first decides whether the command ever begins.
    echo never >"$d/pid.never" && ln "$d/pid.never" "$d/pid" 2>/dev/null
    if chap_lives "$d/pid"; then
      chap_how; report="running pid=$pid born=$born boot=$boot session=$session unsupervised=1"; return
    fi
    why=supervisor_died
  else
    why=rebooted
  fi
  pid=never; { read -r pid chap_x <"$d/pid"; } 2>/dev/null
  [ "$pid" != never ] || [ -e "$d/schedule" ] || why=never_began
  chap_lost $why
}
chap_ended() { # -> $report: the record; and before it the output, octal, where that is short enough for one write to a pipe: nobody needs to follow it
  group=0; chap_grouped && group=1
  pid=; { read -r pid chap_x <"$d/pid"; } 2>/dev/null
  chap_how; chap_lines "$d/exit"
  set -- $lines
  o=${11} e=${14}
  report="ended group=$group pid=$pid session=$session"
  # A bash that does not buffer whole lines tears them: macOS has one.
  if [ "$policy$runs$out" = "keep$d/stdout" ] && { [ -z "${BASH_VERSION:-}" ] || [ -e /proc/self ]; } && [ ${#o} -le 3 ] && [ ${#e} -le 3 ] && [ $((o + e)) -le 800 ] &&
    chap_octal "$o" "$out" && o=$octal && chap_octal "$e" "$err"
  then report="$report out=$o err=$octal"; fi
  report=$report$lines
}
chap_octal() { # SIZE FILE -> $octal
  octal=
  [ "$1" != 0 ] || return 0
  chap_x=$1 chap_y=$IFS
  set -- $(od -An -v -to1 <"$2")
  IFS=; octal="$*"; IFS=$chap_y
  [ ${#octal} = $((chap_x * 3)) ]
}
chap_lost() { report="lost why=$1 pid=$pid stdout $(chap_size "$out") stderr $(chap_size "$err")"; }
chap_settle() { # a report that is not about a moment in between. One that waits for room to begin may do so for long
  chap_report; rounds=0
  while [ "$report" = starting ] && [ $rounds -lt 100 ]; do chap_nap 0.05; chap_report; rounds=$((rounds + 1)); done
  [ "$report" != starting ] || { chap_how; report="running boot=$boot session=$session"; }
}
chap_forsake() { # remove a directory that no chaperone relies on, unless a newer link has come
  [ "$known" = 0 ] && [ ! -e "$d/prepared" ] && [ ! -e "$d/supervisor" ] && [ -e "$d/link.$gen/control" ] || return 1
  # A newer link that comes from here on finds this one on its way out, and waits. One that came before is seen.
  mv "$d/link.$gen" "$d/left.$gen" || return 1
  for l in "$d"/link.*; do [ ! -d "$l" ] || return 1; done
  mv "$d" "$d.left.$$" && rm -rf "$d.left.$$"
  rmdir "${d%/*}"
  return 0
} 2>/dev/null
chap_sweep() { # what nobody came back for in a month: jobs that ended, and directories in which none began. Other things may stand beside them
  for l in "$root"/*-????????????????; do
    # One find for all, and none where nobody else has ended.
    [ "$l" != "$d" ] && [ -f "$l/launcher" ] && { [ -e "$l/exit" ] || [ ! -e "$l/supervisor" ]; } || continue
    find "$root"/*-????????????????/exit "$root"/*-????????????????/probe -mtime +30 2>/dev/null </dev/null | while read -r f; do
      l=${f%/*}
      case $f in */probe) [ ! -e "$l/supervisor" ] || continue;; esac
      [ "$l" != "$d" ] && [ -f "$l/launcher" ] && [ -O "$l" ] && rm -rf "$l"
    done
    return
  done
}
chap_open() { # ROOT NAME GENERATION KNOWN -> $d, $fresh; or says what is in the way
  root=$1; fresh=0 i=0
  if [ "$root" = - ]; then
    root=${XDG_STATE_HOME:-}; [ -n "$root" ] || root=${HOME:-/nonexistent}/.local/state
    root=$root/chap-remote
  fi
  d=$root/$2
  chap_born $$ || { chap_say 0 refused processes "no /proc, and ps says: $(ps -o lstart= -p $$ 2>&1)"; exit 1; }
  chap_self=$born
  while :; do
    # One that was there before and is not is never made again: the next link would take it for one that nothing was launched in.
    [ "$4" = 0 ] || [ -d "$d" ] || return 0
    until [ -d "$d" ]; do
      [ -d "$root" ] && l= || l=$root
      mkdir ${l:+"$l"} "$d" "$d/link.$3" && fresh=1 || [ -d "$d" ] || mkdir -p "$root"
      i=$((i + 1)); [ $i -lt 9 ] || break # the root may vanish in between: the last job there takes it along
    done
    if [ -h "$d" ] || { [ -e "$d" ] && [ ! -O "$d" ]; }; then # planted: nothing is written there
      chap_say 0 refused directory "not a directory of yours: $(ls -ld "$d")"; exit 1
    fi
    if [ ! -d "$d" ] || ! echo >"$d/probe"; then
      [ -e "$d" ] || [ $i -ge 9 ] || continue
      w=$(mkdir -p "$d" 2>&1; echo 2>&1 >"$d/probe"; ls -ld "$d" 2>&1) n=directory
      case $w in *[Nn]"o space left"*) n=room;; esac
      chap_say 0 refused $n "$w"
      # Whose launcher is there, somebody comes back for.
      [ "$4" = 1 ] || [ -e "$d/launcher" ] || { rm -f "$d/probe"; rmdir "$d/link.$3" "$d" "$root"; }
      exit 1
    fi
    for l in "$d"/link.*; do
      n=${l##*.}; [ "$n" != '*' ] && [ "$n" -gt "$3" ] && { chap_say 0 superseded "$n"; exit 1; }
    done
    [ -d "$d/link.$3" ] || mkdir "$d/link.$3" || { [ -d "$d" ] || continue; chap_cramped "$3"; }
    # Made once, as a hard link would be, but by the shell. It is whole, if at last the link has its name still.
    set -C; if true >"$d/link.$3/control"; then chap_taken=1; else chap_taken=; fi; set +C
    [ -n "$chap_taken" ] || [ ! -e "$d/link.$3/control" ] || { chap_say 0 superseded "$3"; exit 1; }
    { [ -n "$chap_taken" ] && echo "$$ $chap_self" >"$d/link.$3/control"; } || { [ -d "$d/link.$3" ] || continue; chap_cramped "$3"; }
    chap_end_links "$3"
    # An older link that took itself away is about to take the directory along.
    for l in "$d"/left.*; do
      [ -d "$l" ] || continue
      while chap_lives "$l/control"; do chap_nap 0.1; done
      rm -rf "$l"
    done
    [ ! -d "$d/link.$3" ] || break
  done
  [ -p "$d/alive" ] || mkfifo "$d/alive" "$d/pipe.1" "$d/pipe.2" "$d/recorder"
  [ -s "$d/launcher" ] || { printf '%s\n' "$chap" >"$d/launcher.$$" && mv "$d/launcher.$$" "$d/launcher"; }
} 2>/dev/null
chap_cramped() { # GENERATION: a full disk takes no link, which is not to be taken for a newer one
  # cat(1) has the system's words for it, and they tell whether there may be room later.
  chap_say 0 refused room "$(printf '%s\n' "$chap" | { cat >"$d/cramped"; } 2>&1 | tr '\n' ' ')"
  rm -rf "$d/link.$1" "$d/cramped"
  [ $fresh = 0 ] || { rm -f "$d/probe"; rmdir "$d" "$root"; }
  exit 1
}
chap_wait() { # GENERATION: say when the job has ended; costs nothing until then
  [ -p "$d/alive" ] || return            # a failed exec ends the shell
  exec 8<>"$d/alive" 7<"$d/alive" 8>&-
  # A subshell's $$ is its parent's: its own pid is what the parent saw.
  ( while read -r chap_x; do :; done
    chap_report
    # Still running: unsupervised, or the kernel has closed the FIFO of a supervisor that is about to be dead.
    while :; do case $report in running*|starting) sleep 1; chap_report;; *) break;; esac; done
    chap_say 0 "$report"
  ) <&7 7<&- 2>/dev/null & waiter=$!
  exec 7<&-
  chap_born $waiter; echo "$waiter $born" >"$d/link.$1/waiter"
}
chap_launch() { # detach without `&`: the right side ends the process between, and the left one is an orphan
  chap_choose
  chap_locale its
  case $session in
    setsid) set -- setsid sh "$d/launcher" "$@";;
    perl) set -- perl -e 'use POSIX; POSIX::setsid(); exec {$ARGV[0]} @ARGV' sh "$d/launcher" "$@";;
    python3) set -- python3 -c 'import os,sys; os.setsid(); os.execvp(sys.argv[1],sys.argv[1:])' sh "$d/launcher" "$@";;
    *) trap '' HUP; set -- sh "$d/launcher" "$@";;   # as nohup(1) does, which BusyBox may lack
  esac
  chap_me=; { read -r chap_me chap_x </proc/self/stat; } 2>/dev/null # a subshell's $$ is its parent's
  {
    if [ -n "$chap_me" ]; then "$@" </dev/null >/dev/null 2>&1 | kill -9 "$chap_me"
    else sh -c '"$@" </dev/null >/dev/null 2>&1 | kill -9 $$' sh "$@"; fi
  } 3>&1 >/dev/null 2>&1
}
chap_start() { # [SERIES...]
  [ -z "$runs" ] || set -- "$runs" "$@"
  # In a subshell on the left side of a pipeline.
  chap_launch supervise "$d" "$nonce" "$policy" "$lease" "$out" "$err" "$in" "$timeout" "$idle" "$limits" "$@" |
    { read -r chap_x; }
}
chap_beat() { # COUNT: renew the lease. A name that changes: a full disk can't stop it, and no reader sees half of it
  set -- "$1" "$d"/beat.*
  if [ -e "$2" ]; then mv "$2" "$d/beat.$gen.$1"; else true >"$d/beat.$gen.$1"; fi
}
chap_control() {
  trap : PIPE                            # a dead connection must not stop the clean-up
  exec 2>/dev/null
  chap_locale our
  # hello NONCE GENERATION POLICY LEASE ROOT NAME STDOUT STDERR STDIN KNOWN TIMEOUT IDLE LIMITS [RUNS EVERY COUNT DELAY JITTER OVERRUN], the paths as printf %b text
  read -r chap_x nonce gen policy lease root name out err in known timeout idle limits series || exit
  [ "$chap_x" = hello ] || exit
  echo                                   # rc files may have left a line open
  chap_word "$root"; chap_open "$chap_text" "$name" "$gen" "$known"
  chap_word "$out"; out=$chap_text; chap_word "$err"; err=$chap_text; chap_word "$in"; in=$chap_text
  [ "$out" != - ] || out=$d/stdout; [ "$err" != - ] || err=$d/stderr; case $in in .) in=$d/stdin;; +.) in=+$d/stdin;; esac
  chap_limits "$limits"
  [ -z "$keep" ] || [ -e "$d/supervisor" ] || chap_punches || {
    chap_say 0 refused holes "it takes a file system with holes, fallocate(1) of util-linux, and a tail(1) that is not BusyBox's"
    chap_forsake
    exit 1
  }
  runs=${series%% *} series=${series#* }
  [ -z "$runs" ] || { runs=$(printf %b "$runs"); [ "$runs" != - ] || runs=$d/runs; true >>"$runs"; }
  for f in "$out" "$err"; do
    [ -e "$f" ] || { if [ "$policy" = kill ]; then mkfifo "$f"; else true >>"$f"; fi; }
  done
  chap_beat 0
  waiter=; chap_settle; w=$report
  case $w in absent) ;; *) chap_wait "$gen";; esac
  place=$d
  case $d in *[!A-Za-z0-9/._-]*) place=0$(printf %s "$d" | od -An -v -to1 | tr -d '\n ');; esac # octal: whatever its bytes are
  chap_say 0 "hello $fresh $place $w"
  while read -r q verb x; do
    case $verb in
      prepare)
        true >"$d/prepared"; [ -e "$d/prepared" ] || [ ! -d "$d" ] || break
        chap_settle; chap_say "$q" "$report";;
      launch)                            # launch BYTES: the command's text follows
        # All of it is read, before any is written, whatever becomes of the file: what is left would be taken for requests.
        # Under a name of its own: an orphan of an older link may still be about to empty its file.
        f=$d/command.$$; true >"$f" || f=/dev/null
        case $(dd ibs=1 obs="$x" count="$x" 2>&1 >"$f") in
          "$x+0 records in
1+0 records out"*) ;;                    # an older BusyBox calls a text that was cut by a full disk no error
          *" records in"*) f=/dev/null;;
          '') break;;                    # it was ended, or never began: nobody knows what was read
          *)                             # one that knows no ibs has read nothing: BusyBox can be built so
            dd bs=1 count="$x" 2>/dev/null | { cat >"$f" || cat >/dev/null; }
            [ "$(chap_size "$f")" = "$x" ] || f=/dev/null;;
        esac
        if [ "$f" != /dev/null ] && mv "$f" "$d/command"; then
          [ -e "$d/supervisor" ] || [ -e "$d/schedule" ] || chap_start $series
        else rm -f "$d/command.$$"; fi
        chap_settle; w=$report
        case $w in
          # Not taken, mostly for want of space: cat(1) has the system's words for it. There is no end to wait for.
          absent) w="absent $(printf '%s\n' "$chap" | { cat >"$d/probe"; } 2>&1 | tr '\n' ' '; rm -f "$d/probe")";;
          *) [ -n "$waiter" ] || chap_wait "$gen";;
        esac
        chap_say "$q" "$w"
        chap_sweep;;
      signal)                            # signal NAME [stop]
        heard=0; [ "$x" = "${x% stop}" ] || chap_stop
        case ${x% stop} in KILL|TERM|INT|HUP|QUIT)
          # What an older link launched may be about to be: whoever has the name `supervisor` first decides whether it is.
          [ -e "$d/supervisor" ] || [ -e "$d/schedule" ] || { echo 0 never - >"$d/supervisor.never" && ln "$d/supervisor.never" "$d/supervisor"; }
          # One that waits for room is not to begin any more. A rename needs none.
          [ -n "$runs" ] || [ -e "$d/pid" ] || mv "$d/probe" "$d/stop";;
        esac 2>/dev/null
        chap_signal "${x% stop}"; [ $heard = 0 ] || sent=1
        chap_settle; chap_say "$q" "sent=$sent $report";;
      continue) chap_continue $x; chap_say "$q" "$report";;
      status) chap_settle; chap_say "$q" "$report";;
      feed) chap_accept $x; chap_say "$q" fed "$(chap_size "${in#+}")" 0;;
      eof)                               # eof OFFSET: stdin ends there
        [ "$(chap_size "${in#+}")" != "$x" ] || { true >"$d/eof"; chap_ring; }
        closed=0; [ ! -e "$d/eof" ] || closed=1
        chap_say "$q" fed "$(chap_size "${in#+}")" $closed;;
      beat) chap_beat "$q"; chap_say "$q" beat;;
      gaps) chap_say "$q" gaps $(cat "$d/gaps");;
      discard)
        if chap_lives "$d/feeder"; then kill "$pid"; fi  # its supervisor died
        chap_remove
        chap_say "$q" "discarded $?"; exit;;
      *) chap_say "$q" unknown;;
    esac
  done
  # The connection is gone, or the chaperone.
  if chap_forsake; then :
  elif [ "$policy" = kill ]; then
    echo disconnect >"$d/why"; chap_signal KILL; chap_remove
  else
    chap_end_links $((gen + 1))
  fi
}
}
