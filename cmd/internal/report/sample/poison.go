package sample

import "reflect"

// Poison returns a copy of v in which every string is Hostile.
func Poison[T any](v T) T { return PoisonWith(v, Hostile) }

// PoisonWith returns a copy of v in which every string is with.
func PoisonWith[T any](v T, with string) T {
	out := reflect.New(reflect.TypeOf(v)).Elem()
	poison(out, reflect.ValueOf(v), with)
	return out.Interface().(T)
}

func poison(to, from reflect.Value, with string) {
	switch from.Kind() {
	case reflect.String:
		to.SetString(with)
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			poison(to.Elem(), from.Elem(), with)
		}
	case reflect.Slice:
		to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			poison(to.Index(i), from.Index(i), with)
		}
	case reflect.Struct:
		to.Set(from)
		for i := range from.NumField() {
			if from.Type().Field(i).IsExported() {
				poison(to.Field(i), from.Field(i), with)
			}
		}
	default:
		to.Set(from)
	}
}
