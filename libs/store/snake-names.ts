import { DefaultNamingStrategy, type NamingStrategyInterface } from 'typeorm';

/** Properties in camelCase, columns in snake_case, without naming each column twice. */
export class SnakeNames extends DefaultNamingStrategy implements NamingStrategyInterface {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}
