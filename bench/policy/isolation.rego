# The question that isolation/compare answers, put to Open Policy Agent: what do stacks have in common?
# Linear but for one sort: sets for each stack, differences of sets, and equal neighbours in sorted lists.
# (Objects from keys to sets of stacks, the obvious way, take twenty times as long.)
package main

import rego.v1

claims := [ids |
	some file in input
	ids := {id | some entry in file.contents.resources; some id in entry.claims}
]

foreign_references := [foreign |
	some stack, file in input
	used := {reference[0] | some entry in file.contents.resources; some reference in entry.references}
	foreign := used - claims[stack]
]

fingerprints := [ids |
	some file in input
	ids := {id | some entry in file.contents.resources; some secret in entry.secrets; some id in secret.fingerprints}
]

owned := {id | some ids in claims; some id in ids}

in_two(sets) := {id |
	sorted := sort([id | some ids in sets; some id in ids])
	some at, id in sorted
	id == sorted[at + 1]
}

deny contains sprintf("%s has more than one owner", [id]) if some id in in_two(claims)

deny contains sprintf("%s is used by a stack that does not own it", [id]) if {
	some ids in foreign_references
	some id in ids & owned
}

deny contains sprintf("%s is used by more than one stack, and none owns it", [id]) if {
	some id in in_two(foreign_references)
	not id in owned
}

deny contains "a secret is held by more than one stack" if some _ in in_two(fingerprints)
