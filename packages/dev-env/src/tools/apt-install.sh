#!/bin/sh
# apt-install.sh PACKAGE: as root on Debian. A server that comes with it is not started, now or with the machine.
set -eu
export DEBIAN_FRONTEND=noninteractive
policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}
servers='nginx rabbitmq-server epmd postgresql'
mark='# of kafka-restaurants'

# One that is there already stays. Ours denies only while this shell lives, should it be left behind.
if [ ! -e $policy ] || grep -q "$mark" $policy; then
  trap 'rm -f $policy' EXIT
  cat >$policy <<END
#!/bin/sh
$mark
case \$1 in nginx* | rabbitmq-server* | epmd* | postgresql*) ! kill -0 $$ 2>/dev/null || exit 101 ;; esac
END
  chmod 755 $policy
fi

before=
for server in $servers; do [ ! -e /etc/init.d/$server ] || before="$before $server"; done
install() { apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 "$1"; }
# The lists of packages are missing on a bare machine, and old on others.
install "$1" || { apt-get update && install "$1"; }
for server in $servers; do
  case "$before " in *" $server "*) continue ;; esac
  [ ! -e /etc/init.d/$server ] || update-rc.d $server disable
done
