import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { NUMBER_TYPES, type NumberType } from '#store/phone-number.entity.js';

/** A truth in a query string: `true`, `false`, `1` or `0`. */
const asBoolean = Transform(({ value }: { value: unknown }) => TRUTHS.get(value) ?? value);
const TRUTHS = new Map<unknown, boolean>([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** The same, described; the decorator's own type knows no list of types. */
const TRUTH = { type: ['boolean', 'integer'], enum: [true, false, 1, 0] } as never;

export class ListPhoneNumbersQuery {
  @IsOptional() @IsIn(NUMBER_TYPES) type?: NumberType;
  @IsOptional() @asBoolean @JSONSchema(TRUTH) @IsBoolean() has_voice?: boolean;
  @IsOptional() @asBoolean @JSONSchema(TRUTH) @IsBoolean() has_whatsapp?: boolean;
  @IsOptional() @IsString() @MaxLength(255) search?: string;
}

export class RequestReleaseBody {
  static readonly example = { reason: 'It is not needed any more.' };

  @IsString() @Length(10, 500) reason: string;
}
