import { type ChildProcess, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/**
 * A small shell that outlives us when we are killed: it reads which process groups, users, control groups and folders are
 * ours, and when the pipe from us ends it kills the groups, users and control groups that are left and removes the folders. A group is taken off the list as soon as
 * its process was reaped, so that a number used again by somebody else is never killed.
 */
const GUARD = `
list=
while read -r verb kind name; do
  rest=
  while read -r known place; do
    if [ -n "$known" ] && [ "$known $place" != "$kind $name" ]; then rest="$rest$known $place
"; fi
  done <<END
$list
END
  list=$rest
  if [ "$verb" = add ]; then list="$list$kind $name
"; fi
done
while read -r kind name; do
  if [ "$kind" = group ]; then kill -s KILL -- "-$name" 2>/dev/null; fi
  if [ "$kind" = user ]; then
    for _ in 1 2 3; do setpriv --reuid "$name" --regid "$name" --clear-groups -- /bin/sh -c 'kill -s KILL -- -1'; done 2>/dev/null
    for place in /tmp /var/tmp /dev/shm; do find "$place" -mindepth 1 -maxdepth 1 -uid "$name" -exec rm -rf -- {} + 2>/dev/null; done
    while read -r _ id _ _ _ _ _ owner _; do if [ "$owner" = "$name" ]; then ipcrm -m "$id"; fi; done </proc/sysvipc/shm 2>/dev/null
  fi
  if [ "$kind" = box ]; then
    for _ in 1 2 3 4 5; do
      while read -r pid; do kill -s KILL "$pid" 2>/dev/null; done <"$name/cgroup.procs"
      rmdir "$name" 2>/dev/null && break
      sleep 0.1
    done
  fi
done <<END
$list
END
while read -r kind name; do
  if [ "$kind" = folder ]; then rm -rf -- "$name"; fi
done <<END
$list
END
`

/**
 * Watches over one kernel that was kept: ends it at its time (seconds since 1970), unless somebody took the mark
 * \`kept\` away before (they attached). Of two who want the mark, renaming it lets only one have it; what it says tells
 * this keeper from one who came later.
 */
const KEEPER = `
group=$1 folder=$2 until=$3 mark=$4
is_ours() { read -r found <"$folder/kept" && [ "$found" = "$mark" ]; } 2>/dev/null
while [ "$(date +%s)" -lt "$until" ]; do
  is_ours || exit 0
  if ! kill -s 0 -- "-$group" 2>/dev/null; then rm -rf -- "$folder"; exit 0; fi
  if [ "$(wc -c <"$folder/output")" -gt 1048576 ]; then : >"$folder/output"; fi
  sleep 1
done
is_ours && mv -- "$folder/kept" "$folder/expired" 2>/dev/null || exit 0
kill -s TERM -- "-$group" 2>/dev/null
sleep 1
kill -s KILL -- "-$group" 2>/dev/null
rm -rf -- "$folder"
`

/** A process group by its leader, a user that only a kernel has, a control group by its directory, a directory. */
type Ours = "group" | "user" | "box" | "folder"

/** Kills what we leave behind if we are killed. */
export type Guard = {
  add(kind: Ours, name: string | number): void
  remove(kind: Ours, name: string | number): void
  /** Ends the guard, who does away with whatever is still on its list. */
  close(): Promise<void>
}

export function openGuard(): Guard {
  const shell = spawnShell(["-c", GUARD, "stet-guard"], "pipe")
  const { stdin } = shell
  // Writing to a guard that somebody killed must not take us down.
  stdin?.on("error", () => undefined)
  if (stdin && "unref" in stdin && typeof stdin.unref === "function") stdin.unref()
  return {
    add: (kind, name) => void stdin?.write(`add ${kind} ${name}\n`),
    remove: (kind, name) => void stdin?.write(`remove ${kind} ${name}\n`),
    close: () =>
      new Promise((resolve) => {
        if (shell.exitCode !== null || shell.signalCode !== null) return resolve()
        shell.ref()
        shell.once("exit", () => resolve())
        stdin?.end()
      }),
  }
}

/** Starts a keeper for a process group that is to live until `untilMs` (ms since 1970) without us. */
export function openKeeper(group: number, folder: string, untilMs: number): void {
  const mark = randomUUID()
  writeFileSync(join(folder, "kept"), `${mark}\n`, { mode: 0o600 })
  spawnShell(["-c", KEEPER, "stet-keeper", String(group), folder, String(Math.ceil(untilMs / 1000)), mark], "ignore")
}

/** Takes a kept kernel over from its keeper; false when its time was up or somebody else was quicker. */
export function takeFromKeeper(folder: string): boolean {
  try {
    renameSync(join(folder, "kept"), join(folder, "owned"))
    return true
  } catch {
    return false
  }
}

function spawnShell(args: readonly string[], stdin: "pipe" | "ignore"): ChildProcess {
  const shell = spawn("/bin/sh", args, {
    cwd: "/",
    detached: true,
    stdio: [stdin, "ignore", "ignore"],
    env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
  })
  shell.on("error", () => undefined)
  shell.unref()
  return shell
}
