import type { NewTable } from '../mysql/replace.ts';

/** Those that are referred to come first. */
export const retailTables = [
  'clients',
  'client_addresses',
  'sales_people',
  'products',
  'sales',
  'sales_items',
] as const;
export type RetailTable = (typeof retailTables)[number];

type Create = NewTable<RetailTable>['create'];
const InnoDB = 'ENGINE=InnoDB CHARACTER SET utf8mb4';

/** As the shop has made them: a line may name a product that is not there (any more). */
export const createStatements: Readonly<Record<RetailTable, Create>> = {
  clients: (quoted) => `CREATE TABLE ${quoted('clients')} (
    client_id INT AUTO_INCREMENT PRIMARY KEY, firstname VARCHAR(30) NOT NULL, lastname VARCHAR(30) NOT NULL, birth_date DATE NOT NULL,
    email VARCHAR(100) NOT NULL UNIQUE, phone CHAR(14)
  ) ${InnoDB}`,
  client_addresses: (quoted) => `CREATE TABLE ${quoted('client_addresses')} (
    address_id INT AUTO_INCREMENT PRIMARY KEY, client_id INT NOT NULL, state CHAR(2), city VARCHAR(100), street VARCHAR(100), zip_code VARCHAR(20),
    FOREIGN KEY (client_id) REFERENCES ${quoted('clients')} (client_id)
  ) ${InnoDB}`,
  sales_people: (quoted) => `CREATE TABLE ${quoted('sales_people')} (
    salesperson_id INT AUTO_INCREMENT PRIMARY KEY, firstname VARCHAR(30) NOT NULL, lastname VARCHAR(30) NOT NULL,
    email VARCHAR(100) NOT NULL UNIQUE, phone_number VARCHAR(20)
  ) ${InnoDB}`,
  products: (quoted) => `CREATE TABLE ${quoted('products')} (
    product_id INT AUTO_INCREMENT PRIMARY KEY, product_name VARCHAR(150) NOT NULL, description TEXT, price DECIMAL(10,2) NOT NULL
  ) ${InnoDB}`,
  sales: (quoted) => `CREATE TABLE ${quoted('sales')} (
    sale_id INT AUTO_INCREMENT PRIMARY KEY, client_id INT NOT NULL, salesperson_id INT NOT NULL, sale_date DATE NOT NULL, total_amount DECIMAL(10,2) NOT NULL,
    FOREIGN KEY (client_id) REFERENCES ${quoted('clients')} (client_id),
    FOREIGN KEY (salesperson_id) REFERENCES ${quoted('sales_people')} (salesperson_id)
  ) ${InnoDB}`,
  sales_items: (quoted) => `CREATE TABLE ${quoted('sales_items')} (
    item_id INT AUTO_INCREMENT PRIMARY KEY, sale_id INT NOT NULL, product_id INT NOT NULL, quantity INT NOT NULL, unit_price DECIMAL(10,2) NOT NULL,
    total_amount DECIMAL(10,2) NOT NULL, discount DECIMAL(10,2) NOT NULL,
    FOREIGN KEY (sale_id) REFERENCES ${quoted('sales')} (sale_id)
  ) ${InnoDB}`,
};
