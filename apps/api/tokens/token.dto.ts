import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
} from 'class-validator';
import { SCOPES, type Scope } from '#store/token.entity.js';
import { IsInstant, MayBeAbsent } from '../rules.js';

export class CreateTokenBody {
  static readonly example = { name: 'Imports', scopes: ['calls', 'campaigns'], expires_at: null };

  @IsOptional() @IsString() @Length(1, 255) name?: string | null;

  @MayBeAbsent()
  @ArrayNotEmpty()
  @ArrayMaxSize(SCOPES.length)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes?: Scope[];

  @IsOptional() @IsInstant() expires_at?: string | null;
}

/** A week: longer than that, and two secrets in use are the rule and not the change from one to the other. */
const MAX_OVERLAP_SECONDS = 7 * 86_400;

export class RotateTokenBody {
  static readonly example = { overlap_seconds: 3600 };

  @MayBeAbsent() @IsInt() @Min(0) @Max(MAX_OVERLAP_SECONDS) overlap_seconds?: number;
}
