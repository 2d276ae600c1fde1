/**
 * Gives up being root, for good: this program becomes the user who asked (behind sudo), or else nobody. What reads packets
 * from anybody should have no power once what needed it is open. Does nothing for a user who is not root.
 */
export function dropPrivileges(): void {
  if (process.getuid?.() !== 0) return;
  const uid = idFrom('SUDO_UID');
  const gid = idFrom('SUDO_GID');
  try {
    process.setgroups?.([]);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch {
    // Root of a user namespace that holds no other user: powerless outside of it from the beginning.
  }
}

const NOBODY = 65_534;

function idFrom(name: 'SUDO_UID' | 'SUDO_GID'): number {
  const id = Number(process.env[name]);
  return Number.isInteger(id) && id > 0 ? id : NOBODY;
}
