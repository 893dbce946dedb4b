/** Exit codes of Keysmith's programs, from sysexits(3) where it defines one. */
export const exitCode = {
  success: 0,
  failure: 1,
  usage: 64,
  settings: 78,
  /** 128 + SIGINT, as shells report Ctrl-C. */
  interrupted: 130,
} as const;
