{#-
    Which counts must stay away so that no count of one to four people can be read or worked out: those that are so
    small, those that lack so few of a whole beside them, and as many of the others of the same parent as keep the
    first from coming out by subtraction: two at least, and five people.

    `relation` has place_code, parent_code, quantity, amount, is_small; `parents` says of which parents (place_code,
    quantity) the count is known. Gives place_code, quantity of what is to be hidden.
-#}
{% macro hidden_counts(relation, parents=none) -%}
    select
        ranked.place_code,
        ranked.quantity
    from (
        select
            c.*,
            bool_or(c.is_small) over family as any_small,
            row_number() over nearest_first as position,
            coalesce(
                sum(c.amount) over (
                    partition by c.parent_code, c.quantity
                    order by c.is_small desc, c.amount = 0, c.nearness, c.place_code
                    rows between unbounded preceding and 1 preceding
                ), 0
            ) as hidden_before
        from {{ relation }} as c
        window
            family as (partition by c.parent_code, c.quantity),
            nearest_first as (
                partition by c.parent_code, c.quantity
                order by c.is_small desc, c.amount = 0, c.nearness, c.place_code
            )
    ) as ranked
    {%- if parents %}
    left join {{ parents }} as p on p.place_code = ranked.parent_code and p.quantity = ranked.quantity
    {%- endif %}
    where
        ranked.is_small
        {%- if parents %}
        -- A parent that stays away itself must not be the sum of its parts.
        or (p.place_code is not null and ranked.position = 1)
        or (p.place_code is null and ranked.any_small and (ranked.position <= 2 or ranked.hidden_before < 5))
        {%- else %}
        or (ranked.any_small and (ranked.position <= 2 or ranked.hidden_before < 5))
        {%- endif %}
{%- endmacro %}
