import type { Json } from '../model/json.ts'
import type { Facts } from '../model/resource.ts'
import type { Authored, Writing } from './authored.ts'
import type { Context, KindDef } from './kind.ts'
import type { FieldRule } from './rule.ts'

/** The questions about properties to which each aspect adds its answers, and those that the first aspect with an answer answers. */
type Asked = 'refs' | 'follows' | 'reach' | 'advice' | 'joins' | 'linkedRights' | 'needs' | 'way' | 'exposes' | 'unmakable'

/** The members of an aspect that speak of no single field. `Props` are all the fields that they look at. */
interface Whole<Spec, Props extends object, Model extends object> extends Pick<KindDef<string, never, Spec, Props, Model>, Asked> {
  /** Its part of a body. */
  toArm(props: Props): Partial<Model>
  /** Its part of an update that changes one of its fields; that of a create, unless this says another. */
  toPatch?(props: Props, fields: ReadonlySet<string>): Partial<Model>
  facts?(body: Model): Facts
  /** The fields that `says` writes into a file in place of their own settings. */
  readonly instead?: readonly (keyof Props & string)[]
  /** The settings of an entry that no field says. */
  says?(props: Props, body: Model, writing: Writing): Readonly<Record<string, Json>>
  /** Why the file cannot say this part so that a write would keep it: goes on from "is here by its id, since". */
  cannot?(props: Props, body: Model): string | undefined
}

/**
 * A part of a kind whose body has many, in a file of its own: its settings, its fields and their rules, its part of a body, and what a
 * write of it needs. `Own` are its fields, `Beside` those of other aspects that it looks at.
 */
export interface Aspect<Spec, Own extends object, Model extends object, Beside extends object = object>
  extends Whole<Spec, Own & Beside, Model> {
  desired(spec: Spec, ctx: Context): Own
  fromArm(body: Model): Own
  readonly fields: { readonly [Name in keyof Own]-?: FieldRule<Own[Name], Own & Beside> }
}

/** The fields of all aspects in a list. */
export type PropsOf<Aspects extends readonly { fromArm(body: never): object }[]> = All<ReturnType<Aspects[number]['fromArm']>>
type All<Each> = (Each extends unknown ? (one: Each) => void : never) extends (all: infer Both) => void ? Both : never

/** An aspect as one of several: it gives a part of the properties. */
interface OneOf<Spec, Props extends object, Model extends object> extends Whole<Spec, Props, Model> {
  desired(spec: Spec, ctx: Context): Partial<Props>
  fromArm(body: Model): Partial<Props>
  readonly fields: { readonly [Name in keyof Props]?: FieldRule<Props[Name], Props> }
}

/** The members of the definition of a kind that its aspects make together, in their order. */
export function composed<Spec, Props extends object, Model extends object>(aspects: readonly OneOf<Spec, Props, Model>[]) {
  type Def = KindDef<string, never, Spec, Props, Model>
  const fields: Def['fields'] = merged(aspects.map(one => one.fields))
  const authored: Authored<Props, Model> = {
    instead: aspects.flatMap(one => one.instead ?? []),
    entry(props, body, writing) {
      const cannot = first(aspects.map(one => one.cannot?.(props, body)))
      return cannot === undefined ? { says: merged(aspects.map(one => one.says?.(props, body, writing) ?? {})) } : { cannot }
    }
  }
  const asked = {
    refs: props => aspects.flatMap(one => one.refs?.(props) ?? []),
    reach: (props, as) => aspects.flatMap(one => one.reach?.(props, as) ?? []),
    advice: props => aspects.flatMap(one => one.advice?.(props) ?? []),
    joins: (props, own, facts) => aspects.flatMap(one => one.joins?.(props, own, facts) ?? []),
    linkedRights: (props, changed, id) => aspects.flatMap(one => one.linkedRights?.(props, changed, id) ?? []),
    needs: (props, changed, id) => aspects.flatMap(one => one.needs?.(props, changed, id) ?? []),
    follows: props => first(aspects.map(one => one.follows?.(props))),
    way: (...all) => first(aspects.map(one => one.way?.(...all))),
    exposes: (...all) => first(aspects.map(one => one.exposes?.(...all))),
    unmakable: props => first(aspects.map(one => one.unmakable?.(props)))
  } satisfies Required<Pick<Def, Asked>>
  return {
    ...asked,
    fields,
    authored,
    desired: (spec: Spec, ctx: Context): Props => merged(aspects.map(one => one.desired(spec, ctx))),
    fromArm: (body: Model): Props => merged(aspects.map(one => one.fromArm(body))),
    facts: (body: Model): Facts => merged(aspects.map(one => one.facts?.(body) ?? {})),
    toArm: (props: Props): Partial<Model> => merged(aspects.map(one => one.toArm(props))),
    /** The parts alone of which a field changes. */
    toPatch: (props: Props, changed: ReadonlySet<string>): Partial<Model> =>
      merged(
        aspects
          .filter(one => Object.keys(one.fields).some(name => changed.has(name)))
          .map(one => one.toPatch?.(props, changed) ?? one.toArm(props))
      )
  }
}

const merged = <Whole extends object>(parts: readonly object[]): Whole => Object.assign({}, ...parts)

const first = <Value>(values: readonly (Value | undefined)[]): Value | undefined => values.find(value => value !== undefined)
