{#-
  0 to 4: how many full fifths of all rows come strictly before this row in the given order. Equal values get
  equal numbers, which ntile() does not promise: it splits ties by chance, differently in each warehouse.
-#}
{% macro fifths_below(order_by) -%}
    cast(
        {{ integer_divide('5 * (rank() over (order by ' ~ order_by ~ ') - 1)', 'count(*) over ()') }}
        as integer
    )
{%- endmacro %}
