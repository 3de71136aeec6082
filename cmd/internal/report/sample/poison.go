package sample

import "reflect"

// Poison returns a copy of v in which every string is Hostile.
func Poison[T any](v T) T {
	out := reflect.New(reflect.TypeOf(v)).Elem()
	poison(out, reflect.ValueOf(v))
	return out.Interface().(T)
}

func poison(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.String:
		to.SetString(Hostile)
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			poison(to.Elem(), from.Elem())
		}
	case reflect.Slice:
		to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			poison(to.Index(i), from.Index(i))
		}
	case reflect.Struct:
		to.Set(from)
		for i := range from.NumField() {
			if from.Type().Field(i).IsExported() {
				poison(to.Field(i), from.Field(i))
			}
		}
	default:
		to.Set(from)
	}
}
