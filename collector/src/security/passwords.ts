/** Shortest password that a person may choose: NIST SP 800-63B asks for eight, this guards other people's cameras. */
export const SHORTEST_PASSWORD = 12;

/** The commonest passwords of published leaks that are long enough, and what people make of this product's name. */
const COMMON: ReadonlySet<string> = new Set([
  '123456789012',
  '1234567890123',
  '123123123123',
  'qwertyuiop12',
  'qwertyuiop123',
  'password1234',
  'password12345',
  'passwordpassword',
  'administrator',
  'adminadminadmin',
  'admin1234567',
  'letmeinletmein',
  'iloveyou1234',
  'welcome12345',
  'headcount1234',
  'headcount12345',
  'headcountheadcount',
  'changemechangeme',
]);

/** What is wrong with a password that somebody wants to use, and how to mend it; undefined for a good one. */
export function passwordProblem(username: string, password: string): string | undefined {
  if (password.length < SHORTEST_PASSWORD)
    return `the password is shorter than ${SHORTEST_PASSWORD} characters`;
  const folded = password.toLowerCase();
  if (COMMON.has(folded) || new Set(folded).size < 4) return 'the password is one that everybody tries first';
  if (folded.includes(username.toLowerCase()) && username.length > 3)
    return 'the password holds the user name';
  return undefined;
}
