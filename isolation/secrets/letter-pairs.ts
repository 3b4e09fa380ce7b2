/**
 * How surprising each letter is after each other one: row the first letter, column the second, in
 * bits (-log2 of the share), 9 for all that is rarer. Counted in four million pairs of English prose
 * and of the names in programs, each with half the weight.
 */
const SURPRISE: readonly string[] = [
  "95459859598343959343677869",
  "38783989449389399558399959",
  "49593993594499299563599989",
  "39751789398587469647599969",
  "48446569799553756234966479",
  "39893499299599299375499969",
  "58781955399484579446489969",
  "39891999399989499474799959",
  "67444659998442369543969796",
  "49991998699999489729597999",
  "38661679399774669738798999",
  "47852999298399379755479949",
  "24882989399758439948699999",
  "49434539596686469932579969",
  "75548769697542649265465899",
  "29863997599479259363599979",
  "99999999999699999999099999",
  "39562669397765389544579959",
  "59482795497868449642599969",
  "49583892399698459345697949",
  "65553669599343849333999999",
  "29991998399999499989899999",
  "29974993299794499449999999",
  "49574999599879919882999859",
  "56665878599554319544888999",
  "39991999599599299979999966",
];

const LETTERS = 26;
const TABLE = Uint8Array.from(SURPRISE.join(""), Number);

/** Tenths of a bit that a letter carries when all letters are equally likely. */
const LETTER = 47;

/**
 * The evidence of a pair of letters for words and against chance, in tenths of a bit: about 13 on the
 * average of words, about -23 on that of random letters. Whole numbers, so that the sum of many is
 * the same in any order.
 *
 * @param first 0 for `a` to 25 for `z`
 */
export function wordEvidence(first: number, second: number): number {
  return LETTER - 10 * (TABLE[first * LETTERS + second] ?? 0);
}
