/** Whether `pattern` matches the whole text: `*` stands for any text, `?` for any one character. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [wanted, given] = [[...pattern], [...text]];
  let [at, place] = [0, 0];
  // Where to go on when what follows the last `*` does not match: that star takes one more character.
  let [star, resume] = [-1, 0];
  while (place < given.length) {
    if (wanted[at] === "*") {
      star = at++;
      resume = place;
    } else if (wanted[at] === "?" || (at < wanted.length && wanted[at] === given[place])) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++resume;
    } else {
      return false;
    }
  }
  return wanted.slice(at).every((character) => character === "*");
}
