package parquet

import (
	"errors"
	"fmt"
	"strings"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// Column is a leaf of the schema.
type Column struct {
	Name  string // its names from the root, between dots; those that only make a list are left out
	Type  string // for people
	Kind  Kind
	Depth int // 0: a value a row; 1: a list of values a row; more: lists of lists
	Bits  int // 32 or 64, where Kind is Float

	leaf     int
	physical format.Type
	length   int // bytes of a value of fixed length
	levels   int // definition level of a value that is there
	uuid     bool
	scale    int // decimal digits after the point
	ticks    int64
	seconds  int64 // of a value of a time are value × seconds / ticks
}

// Kind is what the values of a column are.
type Kind int

// The kinds of columns.
const (
	Other Kind = iota // that values are not made of
	Bool
	Int
	Uint
	Float
	Text
	Time
)

const deepestSchema = 32

// columnsOf flattens a schema, which is a list of its elements depth first.
func columnsOf(schema []format.SchemaElement) ([]*Column, error) {
	if len(schema) == 0 {
		return nil, errors.New("it has no schema")
	}
	t := tree{elements: schema[1:]}
	for range schema[0].NumChildren.V {
		if err := t.element(place{}); err != nil {
			return nil, err
		}
	}
	if len(t.elements) > 0 || len(t.leaves) == 0 {
		return nil, errSchema
	}
	return t.leaves, nil
}

var errSchema = errors.New("its schema does not fit together")

type tree struct {
	elements []format.SchemaElement // that are left
	leaves   []*Column
}

// place is where in the schema an element is.
type place struct {
	names           []string
	depth, lists    int
	levels          int
	inList, repeats bool // parent is a list; parent is what repeats in a list
}

func (t *tree) element(p place) error {
	if len(t.elements) == 0 || p.depth > deepestSchema {
		return errSchema
	}
	e := t.elements[0]
	t.elements = t.elements[1:]
	children := int(e.NumChildren.V)
	wrapper := p.inList && e.RepetitionType.V == format.Repeated || p.repeats
	in := place{names: p.names, depth: p.depth + 1, lists: p.lists, levels: p.levels}
	if !wrapper {
		in.names = append(append([]string(nil), p.names...), e.Name)
	}
	switch e.RepetitionType.V {
	case format.Optional:
		in.levels++
	case format.Repeated:
		in.levels++
		in.lists++
	}
	if e.Type.Valid && children == 0 {
		if e.Type.V == format.FixedLenByteArray && (e.TypeLength.V < 1 || e.TypeLength.V > mostText) {
			return errSchema
		}
		t.leaves = append(t.leaves, column(e, in, len(t.leaves)))
		return nil
	}
	if e.Type.Valid || children < 0 {
		return errSchema
	}
	_, list := e.LogicalType.Value.(*format.ListType)
	in.inList = (list || e.ConvertedType.Valid && e.ConvertedType.V == deprecated.List) && children == 1
	in.repeats = p.inList && e.RepetitionType.V == format.Repeated && children == 1
	for range children {
		if err := t.element(in); err != nil {
			return err
		}
	}
	return nil
}

func column(e format.SchemaElement, p place, leaf int) *Column {
	c := &Column{
		Name: strings.Join(p.names, "."), Depth: p.lists, leaf: leaf,
		physical: e.Type.V, length: int(e.TypeLength.V), levels: p.levels,
	}
	c.means(e)
	for range c.Depth {
		c.Type = "list of " + c.Type
	}
	return c
}

// means sets what the values are.
func (c *Column) means(e format.SchemaElement) {
	c.Kind, c.Type = plainKind(c.physical)
	switch c.physical {
	case format.Float:
		c.Bits = 32
	case format.Double:
		c.Bits = 64
	case format.FixedLenByteArray:
		c.Type = fmt.Sprintf("binary(%d)", c.length)
	}
	whole := c.physical == format.Int32 || c.physical == format.Int64
	time := func(name string, ticks, seconds int64) {
		c.Kind, c.Type, c.ticks, c.seconds = Time, name, ticks, seconds
	}
	switch l := e.LogicalType.Value.(type) {
	case *format.StringType, *format.EnumType, *format.JsonType:
		if c.physical == format.ByteArray {
			c.Type = "string"
		}
		return
	case *format.IntType:
		if whole && !l.IsSigned {
			c.Kind, c.Type = Uint, "u"+c.Type
		}
		return
	case *format.DecimalType:
		c.decimal(int(l.Scale), whole)
		return
	case *format.DateType:
		time("date", 1, 24*60*60)
	case *format.TimestampType:
		if c.physical != format.Int64 {
			break
		}
		switch l.Unit.Value.(type) {
		case *format.MilliSeconds:
			time("timestamp in ms", 1e3, 1)
		case *format.MicroSeconds:
			time("timestamp in µs", 1e6, 1)
		case *format.NanoSeconds:
			time("timestamp in ns", 1e9, 1)
		default:
			c.Kind, c.Type = Other, "timestamp of an unknown unit"
		}
		return
	case *format.UUIDType:
		if c.uuid = c.physical == format.FixedLenByteArray && c.length == 16; c.uuid {
			c.Type = "uuid"
		}
		return
	case nil:
		c.converted(e, whole, time)
	default:
		c.Kind, c.Type = Other, strings.ToLower(e.LogicalType.String())
	}
	if c.Kind == Time && !whole && c.physical != format.Int96 {
		c.Kind = Other
	}
}

// converted is what older writers say of a column.
func (c *Column) converted(e format.SchemaElement, whole bool, time func(string, int64, int64)) {
	if !e.ConvertedType.Valid {
		return
	}
	switch e.ConvertedType.V {
	case deprecated.UTF8, deprecated.Enum, deprecated.Json:
		if c.physical == format.ByteArray {
			c.Type = "string"
		}
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		if whole {
			c.Kind, c.Type = Uint, "u"+c.Type
		}
	case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
	case deprecated.Decimal:
		c.decimal(int(e.Scale.V), whole)
	case deprecated.Date:
		time("date", 1, 24*60*60)
	case deprecated.TimestampMillis:
		time("timestamp in ms", 1e3, 1)
	case deprecated.TimestampMicros:
		time("timestamp in µs", 1e6, 1)
	default:
		c.Kind, c.Type = Other, "of another type made of "+c.Type
	}
}

func (c *Column) decimal(scale int, whole bool) {
	c.Kind, c.Type = Other, fmt.Sprintf("decimal of %s", c.Type)
	if whole && scale >= 0 && scale <= 18 {
		c.Kind, c.Bits, c.scale, c.Type = Float, 64, scale, "decimal"
	}
}

func plainKind(t format.Type) (Kind, string) {
	switch t {
	case format.Boolean:
		return Bool, "bool"
	case format.Int32:
		return Int, "int32"
	case format.Int64:
		return Int, "int64"
	case format.Int96:
		return Time, "int96 timestamp"
	case format.Float:
		return Float, "float"
	case format.Double:
		return Float, "double"
	case format.ByteArray:
		return Text, "binary"
	case format.FixedLenByteArray:
		return Text, "binary"
	}
	return Other, "of an unknown type"
}
