/** Exit codes of the command line, after sysexits(3) where it has one. */
export const exitCode = {
  success: 0,
  failure: 1,
  usage: 64,
  settings: 78,
  /** 128 and the number of SIGINT, as shells report Ctrl-C. */
  interrupted: 130,
} as const;
