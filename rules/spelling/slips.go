// Package spelling tells how near two words are: what a person meant who wrote one that nobody knows.
package spelling

// Slips is the distance of Damerau and Levenshtein, with neighbours that changed places counted once; more than most where it is more.
// What is further from the diagonal than most is no way to so few, and is not looked at.
func Slips(a, b string, most int) int {
	if max(len(a)-len(b), len(b)-len(a)) > most {
		return most + 1
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, twice := rows[i%3], rows[(i-1)%3], rows[(i+1)%3]
		from, to := max(i-most, 1), min(i+most, len(b))
		row[from-1] = most + 1
		if from == 1 {
			row[0] = i
		}
		if to == i+most {
			above[to] = most + 1
		}
		least := row[from-1]
		for j := from; j <= to; j++ {
			differ := 1
			if a[i-1] == b[j-1] {
				differ = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+differ)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], twice[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
	}
	return rows[len(a)%3][len(b)]
}
