import type { Probe } from '../document/probe.ts'
import { shellLine } from '../model/shell.ts'

/** The line that has Azure run the script on a virtual machine, with the two names that we do not know in capitals. */
export const probeLine = 'az vm run-command invoke --resource-group GROUP --name VM --command-id RunShellScript --scripts @probe.sh'

/** Stands for what the name says. */
const asNamed = '-'

/**
 * A POSIX shell script that looks at the paths from the machine that runs it: the name by `getent`, the connection and TLS by `openssl`, 1.1.1 or
 * newer (`-starttls postgres`). It ends with 0 where all is well and with 1 else. There is no secret in it, and it writes nothing.
 */
export const probeScript = ({ toolVersion, checks }: Probe): string => `#!/bin/sh
# Looks from this machine at paths to PostgreSQL servers: name, connection, TLS. Made by pglink ${toolVersion}; there is no secret in it.
# From where you are signed in to Azure: ${probeLine}
# PGLINK_CA=FILE trusts an authority of your own.
LC_ALL=C; export LC_ALL
failed=0
good() { printf '  ok      %s\\n' "$1"; }
bad() { printf '  FAILED  %s\\n' "$1"; failed=1; }
limit=
if command -v timeout > /dev/null 2>&1; then limit='timeout 10'; fi
# ENTRY NAME ADDRESS HOST PORT, where - stands for the address that the name leads to
check() {
  printf '%s\\n' "$1"
  found=$(getent ahostsv4 "$2" | awk '{ print $1 }' | sort -u | tr '\\n' ' ')
  found=\${found% }
  if [ -z "$found" ]; then bad "name: $2 leads nowhere"
  elif [ "$3" = - ] || [ "$found" = "$3" ]; then good "name: $2 leads to $found"
  else bad "name: $2 leads to $found, and not to $3"
  fi
  host=$4
  if [ "$host" = - ]; then host=\${found%% *}; fi
  if [ -z "$host" ]; then return; fi
  shaken=$($limit openssl s_client -starttls postgres -connect "$host:$5" -servername "$2" -verify_hostname "$2" -verify_return_error \${PGLINK_CA:+-CAfile "$PGLINK_CA"} < /dev/null 2>&1)
  code=$?
  case $shaken in
    *CONNECTED*) good "tcp: $host:$5 takes connections" ;;
    *) bad "tcp: $host:$5 takes no connection"; return ;;
  esac
  if [ "$code" = 0 ]; then good "tls: the certificate is for $2, and trusted"
  else bad "tls: $(printf '%s\\n' "$shaken" | sed -n '/[Ee]rror/{p;q;}')"
  fi
}
${checks.map(({ entry, fqdn, address, host, port }) => `check ${shellLine([entry, fqdn, address ?? asNamed, host ?? asNamed, `${port}`])}`).join('\n')}
exit "$failed"
`
