/**
 * `line`, for after WITH RECURSIVE: the priorities that a campaign's waiting calls have, the highest first, found by steps along the index
 * on what is due. Whoever goes on from there finds the first of each, and passes a million that wait for later in one step. A step is
 * taken when its row is asked for.
 * @param campaignId an expression
 * @param condition that an index on some of them has, as `AND …`
 */
export function linesOf(campaignId: string, condition = ''): string {
  const priority = `SELECT priority FROM calls WHERE status = 'waiting' AND campaign_id = ${campaignId} ${condition}`;
  return `line AS (
      (${priority} ORDER BY priority DESC LIMIT 1)
      UNION ALL
      SELECT next.* FROM line CROSS JOIN LATERAL (
        ${priority} AND priority < line.priority ORDER BY priority DESC LIMIT 1) AS next
    )`;
}
